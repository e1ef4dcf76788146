//! What entries have in common, each kept once: numbers, addresses, users, prices.

use super::index::Index;
use super::slab::Slab;
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};

/// Tables of an index: `1 << BITS`.
const BITS: u32 = 6;

/// Keys and what is kept for each, by id. A key stays for as long as somebody holds it.
///
/// Strangers choose numbers and users: the hash has a secret of this process in it (std's
/// SipHash), so that nobody can make keys that fall on each other. Answers do not depend on it.
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
    /// The id of a key.
    #[inline]
    pub(super) fn find<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<u32>
    where
        K: Borrow<Q>,
    {
        let hash = self.hasher.hash_one(key);
        self.index.find(hash, |id| self.records.get(id).key.borrow() == key)
    }

    /// A key's hash.
    pub(super) fn hash_of<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> u64
    where
        K: Borrow<Q>,
    {
        self.hasher.hash_one(key)
    }

    /// Ids by hash.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Holds a key, made when it is new; tells whether it was.
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

    /// Lets a key go, once for each [`Self::hold`]; the last gets the key and what was kept.
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

    /// A key by its id.
    pub(super) fn key(&self, id: u32) -> &K {
        &self.records.get(id).key
    }

    /// What is kept for it.
    pub(super) fn value(&self, id: u32) -> &V {
        &self.records.get(id).value
    }

    /// What is kept for it.
    pub(super) fn value_mut(&mut self, id: u32) -> &mut V {
        &mut self.records.get_mut(id).value
    }

    /// How many keys there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Bytes in use by the keys' own records.
    pub(super) fn held(&self) -> usize {
        self.len() * (size_of::<Record<K, V>>() + 6)
    }

    /// Bytes taken from the system, without what keys and values point to.
    pub(super) fn memory(&self) -> usize {
        self.index.memory() + self.records.memory()
    }
}
