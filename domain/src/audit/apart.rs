//! Entries whose texts lie beside the chain, so that a person can be taken out of them.

use super::{Entry, Head, Link, ROOT, link};
use crate::secret::hmac;

/// How an entry stands in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// With its texts.
    Whole,
    /// With a keyed handle of its texts, which lie beside the chain and can be erased.
    Apart,
}

impl Version {
    /// The number that it has in the table.
    pub fn number(self) -> i16 {
        match self {
            Self::Whole => 1,
            Self::Apart => 2,
        }
    }

    /// Of the table's number.
    pub fn of(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Whole),
            2 => Some(Self::Apart),
            _ => None,
        }
    }
}

/// The hash of an entry as it stands in the chain.
pub fn chained(key: &[u8; 32], previous: &Link, entry: &Entry, version: Version) -> Link {
    let plain = link(key, previous, entry);
    match version {
        Version::Whole => plain,
        Version::Apart => hmac(key, &[b"tollwarden audit apart v2", &plain]),
    }
}

/// An entry as it stands in the chain when its texts lie beside it: in their place a keyed handle.
pub fn apart(key: &[u8; 32], entry: &Entry) -> Entry {
    let bare = Entry { actor: String::new(), source_ip: None, ..entry.clone() };
    let handle = hmac(key, &[b"tollwarden audit value v2", &link(key, &ROOT, &bare)]);
    let object = format!("value:{}", crate::keys::hex(&handle));
    Entry { object, before: None, after: None, ..entry.clone() }
}

/// The MAC that says that people were taken out of an entry, and that the rest is as it was left.
/// `number` is that of the key of the entry's hash.
pub fn erased(key: &[u8; 32], hash: &[u8], version: Version, number: i32, left: &Entry) -> Link {
    let (version, number) = (version.number().to_be_bytes(), number.to_be_bytes());
    let rest = link(key, &ROOT, left);
    hmac(key, &[b"tollwarden audit erased v2", hash, &version, &number, &rest])
}

/// The MAC of the place where a chain begins whose first entries were dropped.
pub fn anchor(key: &[u8; 32], last: Head) -> Link {
    hmac(key, &[b"tollwarden audit anchor v2", &last.seq.to_be_bytes(), &last.hash])
}
