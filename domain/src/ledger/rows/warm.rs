//! Brings what a decision is about to ask for near the processor.
//!
//! Each question ends at a few places far apart in a gigabyte, and each place is known only when
//! the one before it has arrived. One question after the other waits for every single one; here the
//! first places of all are asked for at once, then the second, and so on. It changes no answer.

use super::{Addressed, Numbered, Rows};
use crate::ledger::Key;
use crate::ledger::keys::Keys;
use crate::ledger::pack::Address;
use crate::ledger::series::Series;
use std::hash::Hash;
use std::hint::black_box;

/// Most keys that are looked at: limits count by nine.
const MOST: usize = 12;
/// Nodes of a series that are looked at after the first: a day of most numbers.
const NODES: usize = 2;

/// Keys of any kind.
trait Kind {
    /// Looks at the slot where a search begins.
    fn slot(&self, hash: u64) -> u32;
    /// The record that it probably finds.
    fn record(&self, hash: u64) -> Option<u32>;
    /// Looks at a record; gives its series' first node.
    fn node(&self, record: u32) -> Option<u32>;
    /// Looks at what a record's key points to.
    fn name(&self, record: u32) -> u8;
}

/// What has times.
trait Timed {
    fn times(&self) -> &Series;
}

impl Timed for Series {
    fn times(&self) -> &Series {
        self
    }
}

impl Timed for Numbered {
    fn times(&self) -> &Series {
        &self.times
    }
}

impl Timed for Addressed {
    fn times(&self) -> &Series {
        &self.times
    }
}

/// What may be a name that stands elsewhere.
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
            // Few and asked for all the time: they are near already.
            Key::Flow(_) | Key::Region(_) | Key::All => return None,
        })
    }

    /// Looks at where a journey's row is found.
    pub(in crate::ledger) fn warm_head(&self, attempt: u64) {
        black_box(self.heads.peek(attempt));
    }

    /// Looks at where the times of some keys stand.
    pub(in crate::ledger) fn warm(&self, keys: &[Key<'_>]) {
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
