//! Maps hashes to ids: four bytes per slot, in many small tables so that growing one is quick.

use super::pack::Id;

/// A slot never used: a search ends here.
const EMPTY: u32 = u32::MAX;
/// A deleted slot: a search continues. Its id is [`Id::END`], which no item has.
const GONE: u32 = u32::MAX << 8;

/// Maps a 64-bit hash to ids. The caller compares the item itself; eight bits of the hash are kept
/// in the slot, so that few others need comparing.
pub(super) struct Index {
    tables: Vec<Table>,
    /// The hash's first bits select a table.
    shift: u32,
    slots: usize,
}

#[derive(Default)]
struct Table {
    slots: Vec<u32>,
    /// Slots that are not [`EMPTY`].
    used: usize,
    live: usize,
}

impl Index {
    /// Creates `1 << bits` tables.
    pub(super) fn new(bits: u32) -> Self {
        let tables = std::iter::repeat_with(Table::default).take(1 << bits).collect();
        Self { tables, shift: 64 - bits, slots: 0 }
    }

    fn at(&self, hash: u64) -> usize {
        usize::try_from(hash >> self.shift).unwrap_or(0)
    }

    /// The first id under `hash` that `same` accepts.
    #[inline]
    pub(super) fn find(&self, hash: u64, mut same: impl FnMut(u32) -> bool) -> Option<u32> {
        let table = &self.tables[self.at(hash)];
        table.find(hash, &mut same).map(|at| table.slots[at] >> 8)
    }

    /// The content of the slot where a search begins.
    #[inline]
    pub(super) fn peek(&self, hash: u64) -> u32 {
        let table = &self.tables[self.at(hash)];
        table.slots.get(table.home(hash)).copied().unwrap_or(EMPTY)
    }

    /// Adds an id; `hash_of` gives the hash of any id already present.
    pub(super) fn add(&mut self, hash: u64, id: u32, hash_of: impl Fn(u32) -> u64) {
        let at = self.at(hash);
        let table = &mut self.tables[at];
        if (table.used + 1) * 5 > table.slots.len() * 4 {
            let before = table.slots.len();
            table.grow(hash_of);
            self.slots = self.slots + table.slots.len() - before;
        }
        let table = &mut self.tables[at];
        table.put(hash, id);
        table.live += 1;
    }

    /// Replaces an id by another with the same hash.
    pub(super) fn replace(&mut self, hash: u64, id: u32, with: u32) {
        let at = self.at(hash);
        let table = &mut self.tables[at];
        if let Some(at) = table.find(hash, &mut |other| other == id) {
            table.slots[at] = slot(hash, with);
        }
    }

    pub(super) fn remove(&mut self, hash: u64, id: u32) {
        let at = self.at(hash);
        let table = &mut self.tables[at];
        if let Some(at) = table.find(hash, &mut |other| other == id) {
            let next = (at + 1) % table.slots.len();
            if table.slots[next] == EMPTY {
                table.slots[at] = EMPTY;
                table.used -= 1;
            } else {
                table.slots[at] = GONE;
            }
            table.live -= 1;
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.slots * size_of::<u32>() + self.tables.len() * size_of::<Table>()
    }
}

fn slot(hash: u64, id: u32) -> u32 {
    id << 8 | low(hash)
}

fn low(hash: u64) -> u32 {
    u32::from(hash.to_le_bytes()[0])
}

impl Table {
    /// Where a search begins: the hash's middle bits, scaled to the table.
    fn home(&self, hash: u64) -> usize {
        let bits = (hash >> 8) & u64::from(u32::MAX);
        // Less than the table's length, which is a usize.
        usize::try_from((bits * self.slots.len() as u64) >> 32).unwrap_or(0)
    }

    #[inline]
    fn find(&self, hash: u64, same: &mut impl FnMut(u32) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mut at = self.home(hash);
        // At least a fifth of the slots is empty, so the search ends.
        loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                return None;
            }
            if slot & 0xff == low(hash) && slot >> 8 != Id::END && same(slot >> 8) {
                return Some(at);
            }
            at += 1;
            if at == self.slots.len() {
                at = 0;
            }
        }
    }

    fn put(&mut self, hash: u64, id: u32) {
        let mut at = self.home(hash);
        while self.slots[at] >> 8 != Id::END {
            at = (at + 1) % self.slots.len();
        }
        self.used += usize::from(self.slots[at] == EMPTY);
        self.slots[at] = slot(hash, id);
    }

    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        // Slightly over half full afterwards; grows again at 80 %.
        let slots = ((self.live + 1) * 15 / 8).max(8);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; slots]);
        self.used = 0;
        for id in old.into_iter().map(|slot| slot >> 8).filter(|&id| id != Id::END) {
            self.put(hash_of(id), id);
        }
    }
}
