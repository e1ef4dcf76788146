//! Long series and trees compared with sorted lists.

use super::pack::{Origin, Stamp};
use super::series::{Pool, Series};
use super::tree::{Item, Order, Sum, Tree};
use super::*;
use proptest::prelude::*;

/// A fixed pseudorandom sequence.
fn mixed(seed: u64) -> impl Iterator<Item = u64> {
    (0_u64..).map(move |at| {
        let mut x = (at + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x ^ (x >> 31)
    })
}

fn check(series: &Series, pool: &Pool, origin: Origin, list: &[i64]) {
    let same = |time: i64| {
        let up_to = list.partition_point(|&other| other <= time);
        assert_eq!(series.up_to(pool, origin, time) as usize, up_to, "{time}");
    };
    for at in [0, list.len() / 3, list.len() / 2, list.len().saturating_sub(1), list.len()] {
        assert_eq!(
            series.nth(pool, origin, at.try_into().unwrap()),
            list.get(at).copied(),
            "{at} of {}",
            list.len()
        );
        if let Some(time) = list.get(at) {
            [time - 1, *time, time + 1].into_iter().for_each(same);
        }
    }
    [NOW - KEEP, NOW, NOW + AHEAD].into_iter().for_each(same);
}

proptest! {
    #[test]
    fn a_series_is_a_sorted_list(
        steps in prop::collection::vec((any::<u16>(), 0_u8..10), 1..900),
        spread in prop::sample::select(vec![1_i64, 50, 1_000, 10 * MINUTE]),
        ordered: bool,
    ) {
        let origin = Origin::around(NOW);
        let (mut pool, mut series, mut list) = (Pool::default(), Series::default(), Vec::new());
        for (at, (random, kind)) in (0_i64..).zip(steps) {
            let random = i64::from(random);
            // It grows first, then shrinks.
            if kind < if at < 600 { 2 } else { 9 } && !list.is_empty() {
                let at = usize::try_from(random).unwrap() % list.len();
                series.remove(&mut pool, origin, list.remove(at));
            } else {
                let time = NOW + if ordered { at * spread } else { random % 700 * spread };
                list.insert(list.partition_point(|&other| other <= time), time);
                series.add(&mut pool, origin, time);
            }
            if at % 7 == 0 {
                check(&series, &pool, origin, &list);
            }
        }
        check(&series, &pool, origin, &list);
        for time in list {
            series.remove(&mut pool, origin, time);
        }
        prop_assert_eq!((series.up_to(&pool, origin, i64::MAX), pool.held()), (0, 0));
    }
}

#[derive(Clone, Copy, Default)]
struct Thing(Stamp, u32);

#[derive(Clone, Copy, Default, Debug, PartialEq)]
struct Weight(u64);

impl Sum for Weight {
    fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
    fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Item for Thing {
    type Sum = Weight;
    const LEAF: usize = 256;
}

fn weight(thing: Thing) -> Weight {
    Weight(u64::from(thing.1 % 100))
}

#[test]
fn a_tree_of_many_groups_adds_up() {
    let origin = Origin::around(NOW);
    let order_of = |thing: Thing| -> Order { (origin.time(thing.0), thing.1) };
    let count = 150_000_u32;
    for (seed, spread) in [(1, 1), (2, 1_000), (3, 1 << 36)] {
        let mut tree = Tree::default();
        let mut list: Vec<(i64, u32)> = Vec::new();
        for (id, random) in (0..count).zip(mixed(seed)) {
            // Two thirds in order, the rest anywhere.
            let at = if id % 3 == 0 { random % u64::from(count) } else { id.into() };
            let time = NOW + i64::try_from(at * spread / u64::from(count)).unwrap();
            tree.add(order_of, Thing(origin.stamp(time), id), weight);
            list.push((time, id));
        }
        list.sort_unstable();
        let check = |tree: &Tree<Thing>, list: &[(i64, u32)]| {
            assert_eq!(tree.len() as usize, list.len());
            for random in mixed(seed + 7).take(300) {
                let at = usize::try_from(random).unwrap() % list.len();
                let (time, id) = list[at];
                let found = tree.nth(u32::try_from(at).unwrap()).unwrap();
                assert_eq!(order_of(found), (time, id));
                for time in [time - 1, time] {
                    let up_to = &list[..list.partition_point(|&(other, _)| other <= time)];
                    let sum = up_to.iter().map(|&(_, id)| u64::from(id % 100)).sum();
                    let tally = tree.up_to(order_of, time, weight);
                    assert_eq!((tally.count as usize, tally.sum), (up_to.len(), Weight(sum)));
                    assert_eq!(tree.count_up_to(order_of, time) as usize, up_to.len());
                }
            }
        };
        check(&tree, &list);
        // Removes the oldest third and every fifth.
        let (gone, kept): (Vec<_>, Vec<_>) =
            (0..).zip(list).partition(|&(at, _)| at < count / 3 || at % 5 == 0);
        for (_, (time, id)) in gone {
            let thing = Thing(origin.stamp(time), id);
            assert!(tree.remove(order_of, thing, weight));
            assert!(!tree.remove(order_of, thing, weight));
        }
        let kept: Vec<(i64, u32)> = kept.into_iter().map(|(_, thing)| thing).collect();
        check(&tree, &kept);
        for (time, id) in kept {
            assert!(tree.remove(order_of, Thing(origin.stamp(time), id), weight));
        }
        assert_eq!((tree.len(), tree.memory(), tree.first().is_none()), (0, 0, true));
    }
}

#[test]
fn times_and_ids_read_back() {
    for origin in [Origin::around(NOW), Origin::around(0), Origin::around(-NOW)] {
        let middle = origin.time(origin.stamp(0)) / 2;
        for time in [NOW, 0, -NOW, middle, NOW + pack::SPAN / 2 - 1, NOW - pack::SPAN / 2] {
            if origin.holds(time) {
                assert_eq!(origin.time(origin.stamp(time)), time);
            }
        }
    }
    let origin = Origin::around(NOW);
    let ends = [NOW - pack::SPAN / 2, NOW + pack::SPAN / 2 - 1];
    assert!(ends.iter().all(|&end| origin.holds(end)));
    assert!(!origin.holds(ends[0] - 1) && !origin.holds(ends[1] + 1));
    assert!(!origin.holds(i64::MIN) && !origin.holds(i64::MAX));
    assert_eq!(pack::Id::of(pack::Id::END - 1).get(), Some(pack::Id::END - 1));
    assert_eq!(pack::Id::NONE.get(), None);
}

#[test]
fn an_index_finds_what_is_in_it_and_nothing_else() {
    // Many equal hashes, and many with a common prefix.
    let hash = |id: u32| mixed(u64::from(id % 900)).next().unwrap() >> (id % 3) << 1;
    let mut index = index::Index::new(3);
    for round in 0..4 {
        for id in 0..3_000 {
            index.add(hash(id), id, hash);
        }
        for id in 0..3_000 {
            assert_eq!(index.find(hash(id), |other| other == id), Some(id));
            assert_eq!(index.find(hash(id), |other| other == id + 5_000), None);
        }
        index.replace(hash(7), 7, 5_007);
        assert_eq!(index.find(hash(7), |other| other == 7), None);
        assert_eq!(index.find(hash(7), |other| other == 5_007), Some(5_007));
        index.replace(hash(7), 5_007, 7);
        for id in (0..3_000).rev() {
            index.remove(hash(id), id);
            assert_eq!(index.find(hash(id), |other| other == id), None, "round {round}");
        }
    }
    assert!(index.memory() < 3_000 * 4 * 3);
}
