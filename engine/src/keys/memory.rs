//! The rows of known keys in memory, and the ids that wait for a lookup.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use store::keys::Row;
use tokio::sync::watch;
use tokio::time::Instant;

/// Most rows kept; beyond that the one looked up longest ago is dropped.
const MOST: usize = 10_000;
/// Most ids in one lookup.
const LOOK: usize = 500;

#[derive(Default)]
pub(super) struct Memory {
    pub(super) rows: HashMap<String, Arc<CachedKey>>,
    /// Running lookups, by id.
    pub(super) looks: HashMap<String, PendingLookup>,
    /// Ids that wait for the next lookup: of known keys and of others.
    pub(super) known: LookupQueue,
    pub(super) strangers: LookupQueue,
    /// When the store last failed to answer, if it has not answered since.
    pub(super) away: Option<Moment>,
}

impl Memory {
    pub(super) fn keep(&mut self, id: &str, known: &Arc<CachedKey>) {
        if self.rows.len() >= MOST && !self.rows.contains_key(id) {
            let oldest = self.rows.iter().min_by_key(|(_, known)| known.asked.time);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.rows.remove(&oldest);
            }
        }
        self.rows.insert(id.to_owned(), Arc::clone(known));
    }

    /// The waiting ids of one kind.
    pub(super) fn waiting(&mut self, sort: IdKind) -> &mut LookupQueue {
        match sort {
            IdKind::Known => &mut self.known,
            IdKind::Strangers => &mut self.strangers,
        }
    }

    /// The ids for the next lookup. If none are left, the next caller starts a new task.
    pub(super) fn next(&mut self, sort: IdKind) -> Vec<LookupRequest> {
        let waiting = self.waiting(sort);
        let count = waiting.ids.len().min(LOOK);
        let asked: Vec<LookupRequest> = waiting.ids.drain(..count).collect();
        waiting.looking = !asked.is_empty();
        asked
    }
}

/// A point in time together with this process's change count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) time: Instant,
    pub(super) changes: u64,
}

impl Moment {
    /// Whether data read at `self` is recent enough for `other`.
    pub(super) fn covers(self, other: Self) -> bool {
        self.time >= other.time && self.changes >= other.changes
    }
}

pub(super) struct CachedKey {
    pub(super) row: Row,
    /// When the store was queried for it.
    pub(super) asked: Moment,
    /// When its last use was written, in microseconds since 1970.
    pub(super) touched: AtomicI64,
    /// When its rate limit bucket is full again, in nanoseconds since this process started. All
    /// copies of the row share it.
    pub(super) full: Arc<AtomicU64>,
}

pub(super) type FoundKey = Result<Option<Arc<CachedKey>>, Arc<store::Error>>;

#[derive(Clone)]
pub(super) struct PendingLookup {
    pub(super) asked: Moment,
    pub(super) found: watch::Receiver<Option<FoundKey>>,
}

/// An id to look up.
pub(super) struct LookupRequest {
    pub(super) id: String,
    pub(super) asked: Moment,
    pub(super) answer: watch::Sender<Option<FoundKey>>,
}

/// The two kinds of waiting ids: known keys never wait for others, however many those are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IdKind {
    /// Keys seen before.
    Known,
    /// All others.
    Strangers,
}

/// The ids of one kind that wait for the next lookup.
#[derive(Default)]
pub(super) struct LookupQueue {
    pub(super) ids: VecDeque<LookupRequest>,
    /// Whether a task is handling them.
    pub(super) looking: bool,
}
