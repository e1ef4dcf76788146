//! Values that entries share, stored once each: numbers, addresses, users, prices.

use super::index::Index;
use super::slab::Slab;
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};

/// Number of index tables: `1 << BITS`.
const BITS: u32 = 6;

/// Reference-counted keys with a value each, by id.
///
/// Strangers choose numbers and users, so the hash is keyed per process (std's SipHash) and nobody
/// can construct collisions. Answers do not depend on it.
pub(super) struct Keys<K, V> {
    index: Index,
    records: Slab<Record<K, V>>,
    hasher: RandomState,
}

#[derive(Default)]
struct Record<K, V> {
    key: K,
    held: u32,
    value: V,
}

impl<K, V> Default for Keys<K, V> {
    fn default() -> Self {
        Self { index: Index::new(BITS), records: Slab::default(), hasher: RandomState::new() }
    }
}

impl<K: Hash + Eq + Default, V: Default> Keys<K, V> {
    #[inline]
    pub(super) fn find<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        self.index.find(hash, |id| self.records.get(id).key.borrow() == key)
    }

    pub(super) fn hash_of<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> u64
    where
        K: Borrow<Q>,
    {
        self.hasher.hash_one(key)
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Adds a reference to a key, creating it if new; returns whether it was.
    pub(super) fn hold<Q: Hash + Eq + ?Sized>(
        &mut self,
        key: &Q,
        make: impl FnOnce(&Q) -> K,
    ) -> (u32, bool)
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        let found = self.index.find(hash, |id| self.records.get(id).key.borrow() == key);
        let id = found.unwrap_or_else(|| {
            let record = Record { key: make(key), held: 0, value: V::default() };
            let id = self.records.add(record);
            let (records, hasher) = (&self.records, &self.hasher);
            self.index.add(hash, id, |id| hasher.hash_one(&records.get(id).key));
            id
        });
        self.records.get_mut(id).held += 1;
        (id, found.is_none())
    }

    /// Drops one reference; returns the key and its value when it was the last.
    pub(super) fn let_go(&mut self, id: u32) -> Option<(K, V)> {
        let record = self.records.get_mut(id);
        record.held -= 1;
        if record.held > 0 {
            return None;
        }
        let hash = self.hasher.hash_one(&record.key);
        self.index.remove(hash, id);
        let record = self.records.take(id);
        Some((record.key, record.value))
    }

    pub(super) fn key(&self, id: u32) -> &K {
        &self.records.get(id).key
    }

    pub(super) fn value(&self, id: u32) -> &V {
        &self.records.get(id).value
    }

    pub(super) fn value_mut(&mut self, id: u32) -> &mut V {
        &mut self.records.get_mut(id).value
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Bytes used by the records themselves.
    pub(super) fn held(&self) -> usize {
        self.len() * (size_of::<Record<K, V>>() + 6)
    }

    /// Bytes allocated, without what keys and values point to.
    pub(super) fn memory(&self) -> usize {
        self.index.memory() + self.records.memory()
    }
}
