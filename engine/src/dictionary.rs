//! Maps values to numbers. Each distinct value is stored once, with little overhead.

use domain::network::Network;
use domain::{Channel, PhoneNumber};
use hashbrown::HashTable;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;

/// A value that a dictionary keeps.
pub(crate) trait Word: Hash + Eq {
    /// Bytes that it allocates elsewhere, in addition to its own size.
    fn elsewhere(&self) -> usize {
        0
    }
}

/// Overhead of an allocation in common allocators, in bytes.
const ALLOCATION: usize = 16;
/// Bytes of an id's slot in the hash table at its highest load.
const PLACE: usize = 6;

impl Word for String {
    fn elsewhere(&self) -> usize {
        self.capacity() + ALLOCATION
    }
}

impl Word for (u32, u32) {}
impl Word for Option<u32> {}
impl Word for Option<PhoneNumber> {}
impl Word for Option<IpAddr> {}
impl Word for Option<Network> {}

/// A channel's number in a column; 0 means none.
pub(crate) fn channel_number(channel: Option<Channel>) -> u8 {
    channel.map_or(0, |channel| channel as u8 + 1)
}

/// The channel for its number in a column.
pub(crate) fn channel_of(number: u8) -> Option<Channel> {
    Channel::ALL.get(usize::from(number).checked_sub(1)?).copied()
}

/// Numbers for values, by order of first use.
#[derive(Debug, Default)]
pub(crate) struct Dictionary<K> {
    ids: HashTable<u32>,
    words: Vec<K>,
    /// Bytes that the words allocate elsewhere.
    elsewhere: usize,
    hasher: RandomState,
}

impl<K: Word> Dictionary<K> {
    /// The number of a value; a new value gets a new number.
    pub(crate) fn id<Q>(&mut self, word: &Q) -> u32
    where
        Q: Hash + Eq + ?Sized + ToOwned<Owned = K>,
        K: std::borrow::Borrow<Q>,
    {
        if let Some(id) = self.find(word) {
            return id;
        }
        // At most a few new values a row, and rows are bounded far below 2^32.
        let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let kept = word.to_owned();
        self.elsewhere += kept.elsewhere();
        self.words.push(kept);
        let Self { ids, words, hasher, .. } = self;
        ids.insert_unique(hasher.hash_one(word), id, |id| {
            hasher.hash_one(words[*id as usize].borrow())
        });
        id
    }

    /// The number of a known value. A value and its borrowed form must hash alike.
    pub(crate) fn find<Q>(&self, word: &Q) -> Option<u32>
    where
        Q: Hash + Eq + ?Sized,
        K: std::borrow::Borrow<Q>,
    {
        let hash = self.hasher.hash_one(word);
        self.ids.find(hash, |id| self.words[*id as usize].borrow() == word).copied()
    }

    /// The value for a number.
    pub(crate) fn word(&self, id: u32) -> Option<&K> {
        self.words.get(id as usize)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.elsewhere + self.words.len() * (size_of::<K>() + PLACE)
    }

    /// All values, indexed by their numbers.
    pub(crate) fn words(&self) -> &[K] {
        &self.words
    }
}
