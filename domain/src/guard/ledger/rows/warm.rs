//! Prefetches the memory that a decision is about to read.
//!
//! Each query ends at a few places far apart in a gigabyte, and each address is known only once the
//! previous load has finished. Instead of one query after the other, this loads the first place of
//! all queries, then the second, and so on. It changes no answer.

use super::{Inside, Rows};
use crate::ledger::Key;
use crate::ledger::keys::Keys;
use crate::ledger::pack::Address;
use crate::ledger::series::Series;
use std::hash::Hash;
use std::hint::black_box;

/// Maximum number of keys: limits count by nine dimensions.
const MOST: usize = 12;
/// Nodes loaded after the first: a day of most numbers.
const NODES: usize = 2;

/// Keys of any dimension.
trait Kind {
    /// Loads the slot where a search begins.
    fn slot(&self, hash: u64) -> u32;
    /// The record that a search probably finds.
    fn record(&self, hash: u64) -> Option<u32>;
    /// Loads a record; returns its series' first node.
    fn node(&self, record: u32) -> Option<u32>;
    /// Loads what a record's key points to.
    fn name(&self, record: u32) -> u8;
}

trait Timed {
    fn times(&self) -> &Series;
}

impl Timed for Series {
    fn times(&self) -> &Series {
        self
    }
}

impl Timed for Inside {
    fn times(&self) -> &Series {
        &self.times
    }
}

/// A key that may point to a name on the heap.
trait Named {
    fn first(&self) -> u8 {
        0
    }
}

impl Named for u64 {}
impl Named for Address {}

impl Named for Box<str> {
    fn first(&self) -> u8 {
        self.as_bytes().first().copied().unwrap_or(0)
    }
}

impl<K: Hash + Eq + Default + Named, V: Default + Timed> Kind for Keys<K, V> {
    fn slot(&self, hash: u64) -> u32 {
        self.index().peek(hash)
    }

    fn record(&self, hash: u64) -> Option<u32> {
        self.index().find(hash, |_| true)
    }

    fn node(&self, record: u32) -> Option<u32> {
        self.value(record).times().first_node()
    }

    fn name(&self, record: u32) -> u8 {
        self.key(record).first()
    }
}

impl Rows {
    fn kind(&self, key: &Key<'_>) -> Option<(&dyn Kind, u64)> {
        Some(match *key {
            Key::Number(phone) => (&self.numbers, self.numbers.hash_of(&phone.digits())),
            Key::NumberBlock(block) => (&self.blocks, self.blocks.hash_of(&block.0)),
            Key::Ip(ip) => (&self.ips, self.ips.hash_of(&Address::of(ip))),
            Key::IpNetwork(ip) => {
                (&self.networks, self.networks.hash_of(&Address::of(ip).network()))
            }
            Key::Device(device) => (&self.devices, self.devices.hash_of(device)),
            Key::User(user) => (&self.users, self.users.hash_of(user)),
            // Few keys, read all the time: in the cache already.
            Key::Flow(_) | Key::Region(_) | Key::All => return None,
        })
    }

    /// Loads the index slot of a journey.
    pub(in crate::guard::ledger) fn warm_head(&self, attempt: u64) {
        black_box(self.heads.peek(attempt));
    }

    /// Loads the times of some keys.
    pub(in crate::guard::ledger) fn warm(&self, keys: &[Key<'_>]) {
        let mut kinds: [Option<(&dyn Kind, u64)>; MOST] = [None; MOST];
        for (place, key) in kinds.iter_mut().zip(keys) {
            *place = self.kind(key);
        }
        let kinds = || kinds.iter().flatten();
        black_box(kinds().fold(0, |seen, (kind, hash)| seen ^ kind.slot(*hash)));
        let mut records: [Option<u32>; MOST] = [None; MOST];
        for (record, (kind, hash)) in records.iter_mut().zip(kinds()) {
            *record = kind.record(*hash);
        }
        let found = || kinds().zip(&records).filter_map(|((kind, _), id)| Some((kind, (*id)?)));
        let mut nodes: [Option<u32>; MOST] = [None; MOST];
        for (node, (kind, id)) in nodes.iter_mut().zip(found()) {
            *node = kind.node(id);
        }
        black_box(found().fold(0, |seen, (kind, id)| seen ^ kind.name(id)));
        for _ in 0..=NODES {
            for node in &mut nodes {
                *node = node.and_then(|node| self.pool.next(node));
            }
        }
        black_box(nodes);
    }
}
