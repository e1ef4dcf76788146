//! Values as numbers, each distinct one kept once, in little more room than it takes itself.

use hashbrown::HashTable;
use std::hash::{BuildHasher as _, Hash, RandomState};

/// Numbers for values.
#[derive(Debug, Default)]
pub(super) struct Dictionary<K> {
    ids: HashTable<u32>,
    words: Vec<K>,
    hasher: RandomState,
}

impl<K: Hash + Eq> Dictionary<K> {
    /// The number of a value, a new one if it has none.
    pub(super) fn id<Q>(&mut self, word: &Q) -> u32
    where
        Q: Hash + Eq + ?Sized + ToOwned<Owned = K>,
        K: std::borrow::Borrow<Q>,
    {
        if let Some(id) = self.find(word) {
            return id;
        }
        // At most a few new values a row, and rows are bounded far below 2^32.
        let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(word.to_owned());
        let Self { ids, words, hasher } = self;
        ids.insert_unique(hasher.hash_one(word), id, |id| {
            hasher.hash_one(words[*id as usize].borrow())
        });
        id
    }

    /// The number of a value that it has. A value and its borrowed form hash alike.
    pub(super) fn find<Q>(&self, word: &Q) -> Option<u32>
    where
        Q: Hash + Eq + ?Sized,
        K: std::borrow::Borrow<Q>,
    {
        let hash = self.hasher.hash_one(word);
        self.ids.find(hash, |id| self.words[*id as usize].borrow() == word).copied()
    }

    /// A number's value.
    pub(super) fn word(&self, id: u32) -> Option<&K> {
        self.words.get(id as usize)
    }

    /// All values, by their numbers.
    pub(super) fn words(&self) -> &[K] {
        &self.words
    }
}
