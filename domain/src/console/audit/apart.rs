//! Entries whose texts are stored apart from the chain, so that a person can be erased from them.

use super::{Entry, Head, Link, ROOT, link};
use crate::secret::hmac;

/// How the chain contains an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// The chain hashes the texts themselves.
    Whole = 1,
    /// The chain hashes a keyed handle of the texts, which are stored elsewhere and can be erased.
    Apart = 2,
}

impl Version {
    /// The version's number in the table.
    pub fn number(self) -> i16 {
        self as i16
    }

    /// The version of a number in the table; `None` for one of a newer server.
    pub fn of(number: i16) -> Option<Self> {
        [Self::Whole, Self::Apart].into_iter().find(|version| version.number() == number)
    }
}

/// The hash of an entry in the chain.
pub fn chained(key: &[u8; 32], previous: &Link, entry: &Entry, version: Version) -> Link {
    let plain = link(key, previous, entry);
    match version {
        Version::Whole => plain,
        Version::Apart => hmac(key, &[b"tollwarden audit apart v2", &plain]),
    }
}

/// The entry that the chain contains in place of one whose texts are stored apart: a keyed handle
/// replaces them.
pub fn apart(key: &[u8; 32], entry: &Entry) -> Entry {
    let bare = Entry { actor: String::new(), source_ip: None, ..entry.clone() };
    let handle = hmac(key, &[b"tollwarden audit value v2", &link(key, &ROOT, &bare)]);
    let object = format!("value:{}", crate::keys::hex(&handle));
    Entry { object, before: None, after: None, ..entry.clone() }
}

/// A MAC that proves that an erasure changed this entry, and that the rest of it is intact.
/// `number` is the number of the key of the entry's hash.
pub fn erased(key: &[u8; 32], hash: &[u8], version: Version, number: i32, left: &Entry) -> Link {
    let (version, number) = (version.number().to_be_bytes(), number.to_be_bytes());
    let rest = link(key, &ROOT, left);
    hmac(key, &[b"tollwarden audit erased v2", hash, &version, &number, &rest])
}

/// A MAC of the position where a chain begins whose first entries were deleted.
pub fn anchor(key: &[u8; 32], last: Head) -> Link {
    hmac(key, &[b"tollwarden audit anchor v2", &last.seq.to_be_bytes(), &last.hash])
}
