//! The times of one key's entries in order: how many are in a window, and which leaves next.

use super::pack::{Origin, Stamp};
use super::slab::Slab;
use super::tree::{Order, Tree};

/// Times per node: with its link it fills one cache line.
const NODE: usize = 12;
/// From this length on, times are stored in a tree.
const MANY: u32 = 240;
/// Below this length, a tree becomes a chain again.
const FEW_AGAIN: u32 = 60;
const END: u32 = (1 << 28) - 1;

/// Times of one key. Equal times are interchangeable.
pub(super) enum Series {
    /// Stored inline.
    Few { len: u8, times: [Stamp; 2] },
    /// In a chain of nodes, newest first.
    Chain { head: u32, len: u32 },
    /// In a tree.
    Many(Box<Tree<Stamp>>),
}

impl Default for Series {
    fn default() -> Self {
        Self::Few { len: 0, times: [Stamp::default(); 2] }
    }
}

/// Ascending times, and a link to the node with older ones.
#[repr(align(64))]
#[derive(Clone, Copy)]
struct Node {
    times: [Stamp; NODE],
    /// The next node's id; the low four bits are the number of times here.
    link: u32,
}

impl Default for Node {
    fn default() -> Self {
        Self { times: [Stamp::default(); NODE], link: END << 4 }
    }
}

impl Node {
    fn new(times: &[Stamp], next: u32) -> Self {
        let mut node = Self { times: [Stamp::default(); NODE], link: next << 4 };
        for (at, &time) in times.iter().enumerate() {
            node.insert(at, time);
        }
        node
    }

    #[inline]
    fn times(&self) -> &[Stamp] {
        &self.times[..(self.link & 15) as usize]
    }

    #[inline]
    fn next(&self) -> Option<u32> {
        let next = self.link >> 4;
        (next != END).then_some(next)
    }

    fn set_next(&mut self, next: u32) {
        self.link = next << 4 | (self.link & 15);
    }

    /// The node must have room.
    fn insert(&mut self, at: usize, time: Stamp) {
        let len = self.times().len();
        self.times.copy_within(at..len, at + 1);
        self.times[at] = time;
        self.link += 1;
    }

    fn remove(&mut self, at: usize) {
        let len = self.times().len();
        self.times.copy_within(at + 1..len, at);
        self.link -= 1;
    }
}

/// Nodes and tree memory of all series.
#[derive(Default)]
pub(super) struct Pool {
    nodes: Slab<Node>,
    trees: usize,
}

impl Pool {
    /// The node after a node.
    #[inline]
    pub(super) fn next(&self, node: u32) -> Option<u32> {
        self.nodes.get(node).next()
    }

    pub(super) fn held(&self) -> usize {
        self.nodes.len() * size_of::<Node>() + self.trees
    }

    pub(super) fn memory(&self) -> usize {
        self.nodes.memory() + self.trees
    }
}

#[inline]
fn up_to(times: &[Stamp], origin: Origin, time: i64) -> usize {
    let later = times.iter().rev().take_while(|&&other| origin.time(other) > time).count();
    times.len() - later
}

impl Series {
    #[inline]
    pub(super) fn up_to(&self, pool: &Pool, origin: Origin, time: i64) -> u32 {
        match self {
            Self::Few { len, times } => count(up_to(&times[..usize::from(*len)], origin, time)),
            Self::Chain { head, len } => {
                let mut left = *len;
                let mut at = Some(*head);
                while let Some(node) = at.map(|at| pool.nodes.get(at)) {
                    let times = node.times();
                    let here = up_to(times, origin, time);
                    left -= count(times.len() - here);
                    if here > 0 {
                        break;
                    }
                    at = node.next();
                }
                left
            }
            Self::Many(tree) => tree.count_up_to(by_time(origin), time),
        }
    }

    /// The node with the newest times, if there are nodes.
    pub(super) fn first_node(&self) -> Option<u32> {
        match self {
            Self::Chain { head, .. } => Some(*head),
            Self::Few { .. } | Self::Many(_) => None,
        }
    }

    /// The time with `n` before it.
    pub(super) fn nth(&self, pool: &Pool, origin: Origin, n: u32) -> Option<i64> {
        let stamp = match self {
            Self::Few { len, times } => times[..usize::from(*len)].get(n as usize).copied(),
            Self::Chain { head, len } => {
                let mut before = *len;
                let mut at = Some(*head);
                loop {
                    let node = pool.nodes.get(at?);
                    before -= count(node.times().len());
                    if let Some(n) = n.checked_sub(before) {
                        break node.times().get(n as usize).copied();
                    }
                    at = node.next();
                }
            }
            Self::Many(tree) => tree.nth(n),
        };
        stamp.map(|stamp| origin.time(stamp))
    }

    pub(super) fn add(&mut self, pool: &mut Pool, origin: Origin, time: i64) {
        let stamp = origin.stamp(time);
        match self {
            Self::Few { len, times } => {
                let held = usize::from(*len);
                let at = up_to(&times[..held], origin, time);
                if held < times.len() {
                    times.copy_within(at..held, at + 1);
                    times[at] = stamp;
                    *len += 1;
                } else {
                    let mut node = Node::new(&times[..], END);
                    node.insert(at, stamp);
                    *self = Self::Chain { head: pool.nodes.add(node), len: 3 };
                }
            }
            Self::Chain { head, len } => {
                *head = add_to_chain(pool, origin, *head, time);
                *len += 1;
                if *len >= MANY {
                    self.make_tree(pool, origin);
                }
            }
            Self::Many(tree) => {
                let before = tree.memory();
                tree.add(by_time(origin), stamp, |_| ());
                pool.trees = pool.trees + tree.memory() - before;
            }
        }
    }

    /// Removes a time that was added.
    pub(super) fn remove(&mut self, pool: &mut Pool, origin: Origin, time: i64) {
        let stamp = origin.stamp(time);
        match self {
            Self::Few { len, times } => {
                let held = usize::from(*len);
                if let Some(at) = times[..held].iter().position(|&other| other == stamp) {
                    times.copy_within(at + 1..held, at);
                    *len -= 1;
                }
            }
            Self::Chain { head, len } => {
                if let Some(first) = remove_from_chain(pool, *head, stamp) {
                    *head = first;
                    *len -= 1;
                }
                if *head == END {
                    *self = Self::default();
                }
            }
            Self::Many(tree) => {
                let before = tree.memory();
                tree.remove(by_time(origin), stamp, |_| ());
                pool.trees = pool.trees + tree.memory() - before;
                if tree.len() < FEW_AGAIN {
                    pool.trees -= tree.memory() + size_of::<Tree<Stamp>>();
                    let times: Vec<Stamp> = tree.items().collect();
                    let head = times
                        .chunks(NODE)
                        .fold(END, |next, times| pool.nodes.add(Node::new(times, next)));
                    *self = Self::Chain { head, len: count(times.len()) };
                }
            }
        }
    }

    fn make_tree(&mut self, pool: &mut Pool, origin: Origin) {
        let mut tree = Box::new(Tree::default());
        if let Self::Chain { head, .. } = *self {
            let mut nodes = Vec::new();
            let mut at = Some(head);
            while let Some(id) = at {
                let node = pool.nodes.take(id);
                at = node.next();
                nodes.push(node);
            }
            for stamp in nodes.iter().rev().flat_map(Node::times) {
                tree.add(by_time(origin), *stamp, |_| ());
            }
        }
        pool.trees += tree.memory() + size_of::<Tree<Stamp>>();
        *self = Self::Many(tree);
    }
}

fn by_time(origin: Origin) -> impl Fn(Stamp) -> Order + Copy {
    move |stamp| (origin.time(stamp), 0)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Adds a time to a chain; returns its new head.
fn add_to_chain(pool: &mut Pool, origin: Origin, head: u32, time: i64) -> u32 {
    let stamp = origin.stamp(time);
    // The node that holds an earlier or equal time, or the oldest.
    let mut at = head;
    let place = loop {
        let node = pool.nodes.get(at);
        let place = up_to(node.times(), origin, time);
        match node.next() {
            Some(next) if place == 0 => at = next,
            _ => break place,
        }
    };
    let node = *pool.nodes.get(at);
    if node.times().len() < NODE {
        pool.nodes.get_mut(at).insert(place, stamp);
        return head;
    }
    if place == NODE && at == head {
        // Newest of all.
        return pool.nodes.add(Node::new(&[stamp], head));
    }
    // The older half moves to a new node behind.
    let (older, newer) = node.times().split_at(NODE / 2);
    let mut older = Node::new(older, node.next().unwrap_or(END));
    let mut newer = Node::new(newer, END);
    match place.checked_sub(NODE / 2) {
        Some(place) if place > 0 => newer.insert(place, stamp),
        _ => older.insert(place, stamp),
    }
    newer.set_next(pool.nodes.add(older));
    *pool.nodes.get_mut(at) = newer;
    head
}

/// Removes a time from a chain; returns its new head.
fn remove_from_chain(pool: &mut Pool, head: u32, stamp: Stamp) -> Option<u32> {
    let mut before = None;
    let mut at = head;
    loop {
        let node = pool.nodes.get_mut(at);
        if let Some(place) = node.times().iter().position(|&other| other == stamp) {
            node.remove(place);
            if !node.times().is_empty() {
                return Some(head);
            }
            let next = pool.nodes.take(at).next().unwrap_or(END);
            let Some(before) = before else { return Some(next) };
            pool.nodes.get_mut(before).set_next(next);
            return Some(head);
        }
        before = Some(at);
        at = node.next()?;
    }
}
