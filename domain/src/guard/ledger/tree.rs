//! Long sequences in time order with running sums: leaves of items, groups of leaves.

use super::pack::Stamp;

/// Maximum leaves per group.
const GROUP: usize = 64;
/// From this length on, a new leaf is allocated at full size.
const LONG: u32 = 2_048;

/// Sort key of items: time, then a tie-breaker.
pub(super) type Order = (i64, u32);

pub(super) trait Item: Copy + Default {
    /// What is summed besides the number of items.
    type Sum: Sum;
    /// Maximum items per leaf: computing a sum adds up a quarter of them on average.
    const LEAF: usize;
}

pub(super) trait Sum: Copy + Default {
    fn plus(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
}

impl Sum for () {
    fn plus(self, (): ()) {}
    fn minus(self, (): ()) {}
}

impl Item for Stamp {
    type Sum = ();
    const LEAF: usize = 512;
}

/// A number of items and their sum.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally<S> {
    pub(super) count: u32,
    pub(super) sum: S,
}

impl<S: Sum> Tally<S> {
    fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, sum: self.sum.plus(other.sum) }
    }

    /// Minus one item.
    fn minus(self, one: S) -> Self {
        Self { count: self.count - 1, sum: self.sum.minus(one) }
    }
}

#[derive(Default)]
struct Leaf<T: Item> {
    first: Order,
    /// Total of the leaves before it in its group.
    before: Tally<T::Sum>,
    own: Tally<T::Sum>,
    items: Vec<T>,
}

#[derive(Default)]
struct Group<T: Item> {
    first: Order,
    /// Total of the groups before it.
    before: Tally<T::Sum>,
    own: Tally<T::Sum>,
    leaves: Vec<Leaf<T>>,
}

/// Ordered items. Finding one is a search; adding or removing one touches its leaf and the running
/// sums after it.
#[derive(Default)]
pub(super) struct Tree<T: Item> {
    groups: Vec<Group<T>>,
    total: Tally<T::Sum>,
    bytes: usize,
}

impl<T: Item> Tree<T> {
    pub(super) fn len(&self) -> u32 {
        self.total.count
    }

    pub(super) fn memory(&self) -> usize {
        self.bytes
    }

    pub(super) fn first(&self) -> Option<T> {
        self.groups.first()?.leaves.first()?.items.first().copied()
    }

    pub(super) fn last(&self) -> Option<T> {
        self.groups.last()?.leaves.last()?.items.last().copied()
    }

    /// The item with `n` before it.
    pub(super) fn nth(&self, n: u32) -> Option<T> {
        let group = self.groups.partition_point(|group| group.before.count <= n).checked_sub(1)?;
        let group = &self.groups[group];
        let n = n - group.before.count;
        let leaf = group.leaves.partition_point(|leaf| leaf.before.count <= n).checked_sub(1)?;
        let leaf = &group.leaves[leaf];
        leaf.items.get((n - leaf.before.count) as usize).copied()
    }

    /// Number of items up to a time.
    #[inline]
    pub(super) fn count_up_to(&self, order_of: impl Fn(T) -> Order + Copy, time: i64) -> u32 {
        let Some((group, leaf)) = self.place((time, u32::MAX)) else { return 0 };
        let group = &self.groups[group];
        let leaf = &group.leaves[leaf];
        let at = rank(&leaf.items, order_of, (time, u32::MAX));
        group.before.count + leaf.before.count + u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Number and sum of the items up to a time; `value` gives one item's share.
    #[inline]
    pub(super) fn up_to(
        &self,
        order_of: impl Fn(T) -> Order + Copy,
        time: i64,
        value: impl Fn(T) -> T::Sum,
    ) -> Tally<T::Sum> {
        let none = Tally::default();
        let Some((group, leaf)) = self.place((time, u32::MAX)) else { return none };
        let group = &self.groups[group];
        let leaf = &group.leaves[leaf];
        let at = rank(&leaf.items, order_of, (time, u32::MAX));
        let before = group.before.plus(leaf.before);
        // The shorter side is added up item by item.
        let sum = if at * 2 <= leaf.items.len() {
            sum(&leaf.items[..at], value)
        } else {
            leaf.own.sum.minus(sum(&leaf.items[at..], value))
        };
        before.plus(Tally { count: u32::try_from(at).unwrap_or(u32::MAX), sum })
    }

    /// Adds an item; `value` gives its share of the sum.
    pub(super) fn add(
        &mut self,
        order_of: impl Fn(T) -> Order + Copy,
        item: T,
        value: impl Fn(T) -> T::Sum,
    ) {
        let order = order_of(item);
        if self.groups.is_empty() {
            self.groups.push(Group::default());
            self.bytes += size_of::<Group<T>>();
        }
        let (g, l) = self.place(order).unwrap_or((0, 0));
        let (g, l) = self.room(order_of, order, g, l, &value);
        let group = &mut self.groups[g];
        let leaf = &mut group.leaves[l];
        self.bytes += grow(&mut leaf.items, self.total.count >= LONG);
        let at = rank(&leaf.items, order_of, order);
        leaf.items.insert(at, item);
        let one = Tally { count: 1, sum: value(item) };
        leaf.own = leaf.own.plus(one);
        leaf.first = order_of(leaf.items[0]);
        group.own = group.own.plus(one);
        self.settle(g, l);
    }

    /// Removes an item; returns whether it was there.
    pub(super) fn remove(
        &mut self,
        order_of: impl Fn(T) -> Order + Copy,
        item: T,
        value: impl Fn(T) -> T::Sum,
    ) -> bool {
        let order = order_of(item);
        let Some((g, l)) = self.place(order) else { return false };
        let group = &mut self.groups[g];
        let leaf = &mut group.leaves[l];
        let Some(at) = rank(&leaf.items, order_of, order).checked_sub(1) else { return false };
        if order_of(leaf.items[at]) != order {
            return false;
        }
        leaf.items.remove(at);
        let value = value(item);
        leaf.own = leaf.own.minus(value);
        group.own = group.own.minus(value);
        match leaf.items.first() {
            Some(first) => leaf.first = order_of(*first),
            None => {
                self.bytes -= leaf.items.capacity() * size_of::<T>() + size_of::<Leaf<T>>();
                group.leaves.remove(l);
            }
        }
        if group.leaves.is_empty() {
            self.groups.remove(g);
            self.bytes -= size_of::<Group<T>>();
        }
        self.settle(g, l);
        true
    }

    /// Updates the sums after an item's share changed.
    pub(super) fn revalue(&mut self, order: Order, from: T::Sum, to: T::Sum) {
        let Some((g, l)) = self.place(order) else { return };
        let group = &mut self.groups[g];
        let leaf = &mut group.leaves[l];
        leaf.own.sum = leaf.own.sum.minus(from).plus(to);
        group.own.sum = group.own.sum.minus(from).plus(to);
        self.settle(g, l);
    }

    pub(super) fn items(&self) -> impl Iterator<Item = T> {
        self.groups.iter().flat_map(|group| &group.leaves).flat_map(|leaf| &leaf.items).copied()
    }

    /// The last leaf that begins at or before a position.
    #[inline]
    fn place(&self, order: Order) -> Option<(usize, usize)> {
        let g = self.groups.partition_point(|group| group.first <= order).checked_sub(1)?;
        let leaves = &self.groups[g].leaves;
        let l = leaves.partition_point(|leaf| leaf.first <= order).checked_sub(1)?;
        Some((g, l))
    }

    /// Makes room in a leaf; returns the leaf that the item belongs to.
    fn room(
        &mut self,
        order_of: impl Fn(T) -> Order + Copy,
        order: Order,
        g: usize,
        l: usize,
        value: &impl Fn(T) -> T::Sum,
    ) -> (usize, usize) {
        let last_group = g + 1 == self.groups.len();
        let group = &mut self.groups[g];
        if group.leaves.get(l).is_some_and(|leaf| leaf.items.len() < T::LEAF) {
            return (g, l);
        }
        // Items in time order leave the earlier leaves full.
        let appended = last_group
            && l + 1 == group.leaves.len()
            && group.leaves[l].items.last().is_some_and(|last| order_of(*last) <= order);
        if let Some([leaf, next, ..]) = group.leaves.get_mut(l..)
            && next.items.len() < T::LEAF
            && let Some(&last) = leaf.items.last()
        {
            // A late item must not leave two half-empty leaves behind.
            if order_of(last) <= order {
                return (g, l + 1);
            }
            self.bytes += grow(&mut next.items, false);
            leaf.items.pop();
            next.items.insert(0, last);
            next.first = order_of(last);
            leaf.own = leaf.own.minus(value(last));
            next.own = next.own.plus(Tally { count: 1, sum: value(last) });
            self.settle(g, l);
            return (g, l);
        }
        if group.leaves.len() == GROUP {
            let at = if appended { GROUP } else { GROUP / 2 };
            let leaves = group.leaves.split_off(at);
            let mut next = Group { leaves, ..Group::default() };
            group.own = total(&group.leaves);
            next.own = total(&next.leaves);
            next.first = next.leaves.first().map_or(order, |leaf| leaf.first);
            self.groups.insert(g + 1, next);
            self.bytes += size_of::<Group<T>>();
            self.settle(g, 0);
            self.settle(g + 1, 0);
            return match l.checked_sub(at) {
                Some(l) => self.room(order_of, order, g + 1, l, value),
                None if at == GROUP => self.room(order_of, order, g + 1, 0, value),
                None => self.room(order_of, order, g, l, value),
            };
        }
        self.bytes += size_of::<Leaf<T>>();
        let Some(leaf) = group.leaves.get_mut(l) else {
            group.leaves.push(Leaf { first: order, ..Leaf::default() });
            return (g, group.leaves.len() - 1);
        };
        let at = if appended { T::LEAF } else { T::LEAF / 2 };
        let before = leaf.items.capacity();
        let items = leaf.items.split_off(at);
        leaf.items.shrink_to_fit();
        self.bytes += (items.capacity() + leaf.items.capacity()) * size_of::<T>();
        self.bytes -= before * size_of::<T>();
        leaf.own = tally(&leaf.items, value);
        let own = tally(&items, value);
        let first = items.first().map_or(order, |item| order_of(*item));
        group.leaves.insert(l + 1, Leaf { first, before: Tally::default(), own, items });
        self.settle(g, l);
        let later = appended || self.groups[g].leaves[l + 1].first <= order;
        (g, l + usize::from(later))
    }

    /// Updates first items and running sums from a leaf on.
    fn settle(&mut self, g: usize, l: usize) {
        if let Some(group) = self.groups.get_mut(g) {
            let l = l.min(group.leaves.len().saturating_sub(1));
            let mut before = match l.checked_sub(1).and_then(|l| group.leaves.get(l)) {
                Some(leaf) => leaf.before.plus(leaf.own),
                None => Tally::default(),
            };
            for leaf in &mut group.leaves[l..] {
                leaf.before = before;
                before = before.plus(leaf.own);
            }
            if let Some(leaf) = group.leaves.first() {
                group.first = leaf.first;
            }
        }
        let mut before = match g.checked_sub(1).and_then(|g| self.groups.get(g)) {
            Some(group) => group.before.plus(group.own),
            None => Tally::default(),
        };
        for group in self.groups.iter_mut().skip(g) {
            group.before = before;
            before = before.plus(group.own);
        }
        self.total = before;
    }
}

/// Number of items at or before a position. Times are usually spread evenly, so the search starts
/// at the interpolated position and doubles its steps.
#[inline]
fn rank<T: Item>(items: &[T], order_of: impl Fn(T) -> Order, order: Order) -> usize {
    let count = items.len();
    let (Some(&first), Some(&last)) = (items.first(), items.last()) else { return 0 };
    let (first, last) = (order_of(first), order_of(last));
    if last <= order {
        return count;
    }
    if order < first {
        return 0;
    }
    // At most 2^40 microseconds and 2^9 items.
    let part = (order.0 - first.0) * i64::try_from(count).unwrap_or(1) / (last.0 - first.0).max(1);
    let guess = usize::try_from(part).unwrap_or(0).min(count - 1);
    let before = |at: usize| order_of(items[at]) <= order;
    let mut step = 4;
    let (low, high) = if before(guess) {
        let mut low = guess + 1;
        while low + step < count && before(low + step) {
            low += step + 1;
            step *= 2;
        }
        (low, count.min(low + step))
    } else {
        let mut high = guess;
        while high > step && !before(high - step) {
            high -= step;
            step *= 2;
        }
        (high.saturating_sub(step), high)
    };
    low + items[low..high].partition_point(|&item| order_of(item) <= order)
}

/// Reserves room for one more item; returns the bytes it took.
fn grow<T: Item>(items: &mut Vec<T>, long: bool) -> usize {
    let before = items.capacity();
    if items.len() < before {
        return 0;
    }
    let more = if long && before == 0 { T::LEAF } else { 16.max(before / 8) };
    items.reserve_exact(more.min(T::LEAF - before));
    (items.capacity() - before) * size_of::<T>()
}

fn sum<T: Item>(items: &[T], value: impl Fn(T) -> T::Sum) -> T::Sum {
    items.iter().fold(T::Sum::default(), |sum, &item| sum.plus(value(item)))
}

fn tally<T: Item>(items: &[T], value: impl Fn(T) -> T::Sum) -> Tally<T::Sum> {
    Tally { count: u32::try_from(items.len()).unwrap_or(u32::MAX), sum: sum(items, value) }
}

fn total<T: Item>(leaves: &[Leaf<T>]) -> Tally<T::Sum> {
    leaves.iter().fold(Tally::default(), |total, leaf| total.plus(leaf.own))
}
