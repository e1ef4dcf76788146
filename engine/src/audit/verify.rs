//! Verifying the chain: computes each entry's hash again and names the first that does not match.

use domain::audit::{Entry, Head, Link, ROOT, Version, anchor, apart, chained, erased};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use store::Db;
use store::audit::{Anchor, EntryRow, HeadRow, Row, StoredEntry};

/// Entries between two progress reports.
const STRIDE: u64 = 4_096;

/// A complete chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The last entry.
    pub head: Head,
    /// How many entries the chain has.
    pub count: u64,
    /// How many entries had a person erased from them.
    pub erased: u64,
    /// The last entry deleted by retention: the chain begins after it.
    pub after: Option<Head>,
}

/// The first error in a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ChainError {
    /// The number of the first entry that is missing or was changed.
    pub seq: i64,
    /// What is wrong, in words.
    pub what: String,
}

impl ChainError {
    fn at(seq: i64, what: impl Into<String>) -> Self {
        Self { seq, what: what.into() }
    }
}

/// Why verifying failed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The chain is broken.
    #[error(transparent)]
    Broken(#[from] ChainError),
    /// The store failed, or the chain was signed with another secret.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Progress of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Entries verified.
    pub done: u64,
    /// Entries in total, according to the head's row.
    pub of: u64,
}

/// Verifies the whole chain as of one moment; writers continue meanwhile. `expected` is a head
/// noted earlier, which must be part of the chain.
///
/// # Errors
/// [`VerifyError::Broken`] with the first entry that is missing or was changed;
/// [`VerifyError::Store`].
pub async fn verify(
    db: &Db,
    expected: Option<Head>,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Verified, VerifyError> {
    let mut tx = store::audit::snapshot(db.read()).await?;
    let head = store::audit::head_row(&mut tx).await?;
    let check = head.as_ref().and_then(|head| head.secret_check.as_deref());
    if check.is_some_and(|check| check != db.secret.check()) {
        return Err(store::Error::AnotherSecret.into());
    }
    let keys = Keys::read(db, &mut tx, head.as_ref()).await?;
    let of = head.as_ref().map_or(0, |head| u64::try_from(head.seq).unwrap_or(0));
    progress(Progress { done: 0, of });
    let key = db.secret.audit_key();
    let after = match store::audit::anchor(&mut tx).await? {
        None => None,
        Some(row) => Some(begin(&key, &row)?),
    };
    let mut walk = Walk {
        keys,
        key: 0,
        at: after.unwrap_or(Head { seq: 0, hash: ROOT }),
        expected,
        broken: contradicts_root(expected).or_else(|| contradicts_anchor(after, expected)),
        stray: None,
        erased: 0,
    };
    let mut done = 0;
    store::audit::walk(&mut tx, |seen| {
        done += 1;
        if done % STRIDE == 0 {
            progress(Progress { done, of: of.max(done) });
        }
        walk.see(seen)
    })
    .await?;
    if let Some(broken) = walk.broken.take() {
        return Err(broken.into());
    }
    let (at, erased) = (walk.at, walk.erased);
    walk.end(head)?;
    Ok(Verified { head: at, count: done, erased, after })
}

/// Where the chain begins if its first entries were deleted.
fn begin(key: &[u8; 32], row: &Anchor) -> Result<Head, ChainError> {
    let wrong = || {
        let what = format!("the place where the log begins, after entry {}, was changed", row.seq);
        ChainError::at(row.seq, what)
    };
    let hash: Link = row.hash.as_slice().try_into().map_err(|_| wrong())?;
    let head = Head { seq: row.seq, hash };
    if anchor(key, head).as_slice() == row.mac { Ok(head) } else { Err(wrong()) }
}

/// If the expected head is the last deleted entry, it must match the anchor. Earlier entries can no
/// longer be checked.
fn contradicts_anchor(after: Option<Head>, expected: Option<Head>) -> Option<ChainError> {
    let (after, expected) = (after?, expected?);
    let what = if expected.seq == after.seq && expected.hash != after.hash {
        format!("entry {} had another hash than the one given: {expected}", after.seq)
    } else if expected.seq > 0 && expected.seq < after.seq {
        format!(
            "entry {} was dropped by retention: the log begins after {}",
            expected.seq, after.seq
        )
    } else {
        return None;
    };
    Some(ChainError::at(expected.seq, what))
}

/// An expected head before the first entry proves nothing, but must be correct.
fn contradicts_root(expected: Option<Head>) -> Option<ChainError> {
    let head = expected.filter(|head| head.seq == 0 && head.hash != ROOT)?;
    Some(ChainError::at(0, format!("no log begins with the hash of {head}")))
}

/// The chain's keys by number: the current one, and those that it replaced.
struct Keys {
    present: i32,
    key: [u8; 32],
    old: BTreeMap<i32, [u8; 32]>,
}

impl Keys {
    async fn read(
        db: &Db,
        conn: &mut sqlx::PgConnection,
        head: Option<&HeadRow>,
    ) -> store::Result<Self> {
        let mut old = BTreeMap::new();
        for (number, sealed) in store::audit_keys::old_keys(conn).await? {
            // If a key cannot be opened, verifying fails at the first entry that needs it.
            if let Some(key) = crate::secret::open_key(&db.secret, number, &sealed) {
                old.insert(number, key);
            }
        }
        let present = head.map_or(1, |head| head.key);
        Ok(Self { present, key: db.secret.audit_key(), old })
    }

    fn of(&self, number: i32) -> Option<&[u8; 32]> {
        if number == self.present { Some(&self.key) } else { self.old.get(&number) }
    }
}

struct Walk {
    keys: Keys,
    /// The number of the last entry's key. It never decreases: a replaced key may be known to
    /// others, so it signs nothing after its successor.
    key: i32,
    /// The last valid entry.
    at: Head,
    expected: Option<Head>,
    broken: Option<ChainError>,
    /// A number that no entry may have.
    stray: Option<i64>,
    /// Entries from which a person was erased.
    erased: u64,
}

impl Walk {
    /// Checks the next row and stops at the first error.
    fn see(&mut self, seen: EntryRow) -> ControlFlow<()> {
        if self.broken.is_none()
            && let Err(broken) = self.judge(seen)
        {
            self.broken = Some(broken);
        }
        if self.broken.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn judge(&mut self, seen: EntryRow) -> Result<(), ChainError> {
        let next = self.at.seq + 1;
        let seq = match &seen {
            EntryRow::Row(standing) => standing.row.entry.seq,
            EntryRow::Unreadable { seq, .. } => *seq,
        };
        if seq < next {
            // Rows come in order of their numbers, so this one is below 1. An entry whose number
            // was changed is reported missing at its place; only an added one is named itself.
            self.stray.get_or_insert(seq);
            return Ok(());
        }
        if seq > next {
            let what = match seq - 1 {
                last if last == next => format!("entry {next} is missing"),
                last => format!("entries {next} to {last} are missing"),
            };
            return Err(ChainError::at(next, what));
        }
        let standing = match seen {
            EntryRow::Row(standing) => standing,
            EntryRow::Unreadable { what, .. } => {
                return Err(ChainError::at(seq, format!("entry {seq} was changed: {what}")));
            }
        };
        let key = standing.row.key;
        if key < self.key || key > self.keys.present {
            let what = format!(
                "entry {seq} is under key {key}, which is not the one at its place ({})",
                self.key.max(1)
            );
            return Err(ChainError::at(seq, what));
        }
        self.key = key;
        let Some(with) = self.keys.of(key).copied() else {
            let what = format!("entry {seq} is under key {key}, which is missing or was changed");
            return Err(ChainError::at(seq, what));
        };
        let made = self.hash(&standing, &with)?;
        if let Some(expected) = self.expected.filter(|expected| expected.seq == seq)
            && expected.hash != made
        {
            let what = format!("entry {seq} has another hash than the one given: {expected}");
            return Err(ChainError::at(seq, what));
        }
        self.at = Head { seq, hash: made };
        Ok(())
    }

    /// The entry's hash, after checking that everything is as written, or as left by an erasure.
    fn hash(&mut self, standing: &StoredEntry, key: &[u8; 32]) -> Result<Link, ChainError> {
        let Row { entry, hash, key: number, .. } = &standing.row;
        let seq = entry.seq;
        let broken = |what: &str| ChainError::at(seq, format!("entry {seq} was changed: {what}"));
        let Some(version) = standing.version else {
            return Err(broken("it is of no version that there is"));
        };
        let erasure = standing.beside.as_ref().and_then(|beside| beside.erased.as_ref());
        if let Some(mac) = erasure {
            // Signed with the current key, whichever key the entry has: a rotation signs it again.
            let made = erased(&self.keys.key, hash, version, *number, &standing.to_entry());
            if made.as_slice() != mac {
                return Err(broken("what is left of it does not fit its erasure"));
            }
            self.erased += 1;
            if version == Version::Whole {
                // The texts are gone, so the hash cannot be computed; the erasure's signature
                // vouches for it.
                return hash.as_slice().try_into().map_err(|_| broken("its hash does not fit"));
            }
        } else if !fits(key, version, entry, standing) {
            return Err(broken("its texts do not fit the handle in it"));
        }
        let made = chained(key, &self.at.hash, entry, version);
        if made.as_slice() == hash { Ok(made) } else { Err(broken("its hash does not fit")) }
    }

    /// Compares the end with the head's row and with the expected head.
    fn end(&self, head: Option<HeadRow>) -> Result<(), ChainError> {
        let last = self.at.seq;
        let Some(head) = head else {
            return Err(ChainError::at(
                last,
                format!("the log ends at {last} and its head is missing"),
            ));
        };
        if head.seq > last {
            let what = format!(
                "the log ends at {last} but its head says {}: entries were cut off",
                head.seq
            );
            return Err(ChainError::at(last + 1, what));
        }
        if head.seq < last {
            let what = format!("the log goes on to {last} but its head says {}", head.seq);
            return Err(ChainError::at(last, what));
        }
        if head.hash != self.at.hash {
            return Err(ChainError::at(last, format!("the log's head does not fit entry {last}")));
        }
        if last > 0 && self.key != self.keys.present {
            let what = format!(
                "the log ends under key {} but its head says {}: entries were cut off",
                self.key, self.keys.present
            );
            return Err(ChainError::at(last + 1, what));
        }
        if let Some(seq) = self.stray {
            return Err(ChainError::at(seq, format!("entry {seq} was added")));
        }
        match self.expected.filter(|expected| expected.seq > last) {
            None => Ok(()),
            Some(expected) => {
                let what = format!(
                    "the log ends at {last} but entry {} was there before: entries were cut off",
                    expected.seq
                );
                Err(ChainError::at(last + 1, what))
            }
        }
    }
}

/// Whether the stored columns of an entry without erasures match what was written.
fn fits(key: &[u8; 32], version: Version, entry: &Entry, standing: &StoredEntry) -> bool {
    match (version, &standing.beside) {
        (Version::Whole, beside) => beside.is_none(),
        (Version::Apart, None) => false,
        (Version::Apart, Some(_)) => apart(key, &standing.to_entry()) == *entry,
    }
}
