//! Words as numbers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Numbers for words: each distinct one is kept once.
#[derive(Debug)]
pub(super) struct Dictionary<K> {
    ids: HashMap<K, u32>,
    pub(super) words: Vec<K>,
}

impl<K> Default for Dictionary<K> {
    fn default() -> Self {
        Self { ids: HashMap::new(), words: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone> Dictionary<K> {
    /// The number of a word, a new one if it has none.
    pub(super) fn id(&mut self, word: K) -> u32 {
        if let Some(id) = self.ids.get(&word) {
            return *id;
        }
        // At most one new word a row, and rows are bounded far below 2^32.
        let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.ids.insert(word.clone(), id);
        self.words.push(word);
        id
    }
}

impl Dictionary<Arc<str>> {
    /// The number of a word, a new one if it has none.
    pub(super) fn text(&mut self, word: &str) -> u32 {
        match self.ids.get(word) {
            Some(id) => *id,
            None => self.id(Arc::from(word)),
        }
    }

    /// The number of a word that it has.
    pub(super) fn find(&self, word: &str) -> Option<u32> {
        self.ids.get(word).copied()
    }

    /// A number's word.
    pub(super) fn word(&self, id: u32) -> &str {
        self.words.get(id as usize).map_or("", |word| word)
    }
}

impl Dictionary<(u32, u32)> {
    /// The number of a pair that it has.
    pub(super) fn find(&self, pair: &(u32, u32)) -> Option<u32> {
        self.ids.get(pair).copied()
    }
}
