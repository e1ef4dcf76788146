//! Consecutive refusals by key.

use super::entry::{HOUR, Key, WINDOW_MAX};
use super::index::Index;
use super::pack::Address;
use super::slab::Slab;
use std::hash::{BuildHasher, Hash, RandomState};

/// More refusals no longer increase the wait (60 s × 2^5 = 32 min).
const REFUSALS_MAX: u32 = 6;
/// Refusals kept per key: the newest.
const NEWEST: usize = 16;
/// Number of index tables: `1 << BITS`.
const BITS: u32 = 6;
/// Keys checked for expiry in one step.
const LOOK: u32 = 64;

/// The times of each key's newest refusals.
///
/// Keys are stored as 128 bits of keyed hashes, so names take no room. At most one key per eight
/// ledger entries; beyond that new keys are dropped. Limits still apply then, but the waits of new
/// keys do not grow.
pub(super) struct Refusals {
    index: Index,
    runs: Slab<Run>,
    hashers: [RandomState; 2],
    most: usize,
    /// The next key to check for expiry.
    hand: u32,
    times: usize,
}

#[derive(Default)]
struct Run {
    key: [u64; 2],
    /// Ascending; empty if the slot is free.
    times: Vec<i64>,
}

impl Refusals {
    pub(super) fn new(entries: usize) -> Self {
        Self {
            index: Index::new(BITS),
            runs: Slab::default(),
            hashers: [RandomState::new(), RandomState::new()],
            most: entries / 8 + 1_024,
            hand: 0,
            times: 0,
        }
    }

    fn hash(&self, key: &Key<'_>) -> [u64; 2] {
        let dimension = key.dimension();
        let hash =
            |what: &dyn Fn(&RandomState) -> u64| [what(&self.hashers[0]), what(&self.hashers[1])];
        fn one(hasher: &RandomState, key: impl Hash) -> u64 {
            hasher.hash_one(key)
        }
        match *key {
            Key::Number(phone) => hash(&|hasher| one(hasher, (dimension, phone))),
            Key::NumberBlock(block) => hash(&|hasher| one(hasher, (dimension, block))),
            Key::Ip(ip) => hash(&|hasher| one(hasher, (dimension, Address::of(ip)))),
            Key::IpNetwork(ip) => {
                hash(&|hasher| one(hasher, (dimension, Address::of(ip).network())))
            }
            Key::Device(text) | Key::User(text) | Key::Flow(text) => {
                hash(&|hasher| one(hasher, (dimension, text)))
            }
            Key::Region(region) => hash(&|hasher| one(hasher, (dimension, region))),
            Key::All => hash(&|hasher| one(hasher, dimension)),
        }
    }

    fn find(&self, hash: [u64; 2]) -> Option<u32> {
        self.index.find(hash[0], |id| self.runs.get(id).key == hash)
    }

    pub(super) fn note(&mut self, key: &Key<'_>, time: i64) {
        let hash = self.hash(key);
        let id = match self.find(hash) {
            Some(id) => id,
            None if self.runs.len() >= self.most => return,
            None => {
                let id = self.runs.add(Run { key: hash, times: Vec::new() });
                let runs = &self.runs;
                self.index.add(hash[0], id, |id| runs.get(id).key[0]);
                id
            }
        };
        let times = &mut self.runs.get_mut(id).times;
        let at = times.partition_point(|&other| other <= time);
        if times.len() == NEWEST {
            // The oldest is dropped, which may be this one.
            if at > 0 {
                times.copy_within(1..at, 0);
                times[at - 1] = time;
            }
            return;
        }
        let before = times.capacity();
        times.insert(at, time);
        self.times += times.capacity() - before;
    }

    /// See [`super::Ledger::refusals`]; `latest` returns the key's latest entry up to a time.
    pub(super) fn in_a_row(
        &self,
        key: &Key<'_>,
        now: i64,
        latest: impl Fn(i64) -> Option<i64>,
    ) -> u32 {
        let Some(id) = self.find(self.hash(key)) else { return 0 };
        let times = &self.runs.get(id).times;
        let oldest = now.saturating_sub(WINDOW_MAX);
        if times.last().is_none_or(|&last| last <= oldest) {
            return 0;
        }
        let since = latest(now).unwrap_or(i64::MIN);
        let counted = times.iter().filter(|&&time| time > oldest && time >= since && time <= now);
        let (mut row, mut before) = (0, None);
        for &time in counted {
            row = (quieter(row, before, time) + 1).min(REFUSALS_MAX);
            before = Some(time);
        }
        quieter(row, before, now)
    }

    /// Drops refusals older than the longest window, a few keys at a time.
    pub(super) fn forget_before(&mut self, time: i64) {
        for _ in 0..LOOK.min(self.runs.used()) {
            self.hand = if self.hand + 1 < self.runs.used() { self.hand + 1 } else { 0 };
            let id = self.hand;
            let run = self.runs.get_mut(id);
            let old = run.times.partition_point(|&other| other < time);
            if old == 0 {
                continue;
            }
            run.times.drain(..old);
            if run.times.is_empty() {
                let run = self.runs.take(id);
                self.times -= run.times.capacity();
                self.index.remove(run.key[0], id);
            }
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.index.memory() + self.runs.memory() + self.times * size_of::<i64>()
    }
}

/// How many consecutive refusals remain after a quiet period.
fn quieter(row: u32, before: Option<i64>, now: i64) -> u32 {
    let quiet = before.map_or(0, |before| now.saturating_sub(before) / HOUR);
    row.saturating_sub(u32::try_from(quiet).unwrap_or(u32::MAX))
}
