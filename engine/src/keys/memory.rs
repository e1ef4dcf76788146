//! What is kept in memory of keys that were met, and which ids wait for a look at the store.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use store::keys::Row;
use tokio::sync::watch;
use tokio::time::Instant;

/// Rows kept at most; beyond, the one asked for longest ago makes room.
const MOST: usize = 10_000;
/// Ids that one look takes at most.
const LOOK: usize = 500;

#[derive(Default)]
pub(super) struct Memory {
    pub(super) rows: HashMap<String, Arc<Known>>,
    /// Looks at the store that are on their way, by id.
    pub(super) looks: HashMap<String, Look>,
    /// Ids that wait for the next look: of keys met before, and others.
    pub(super) known: Waiting,
    pub(super) strangers: Waiting,
    /// When the store last failed to answer, if it has not answered since.
    pub(super) away: Option<Moment>,
}

impl Memory {
    pub(super) fn keep(&mut self, id: &str, known: &Arc<Known>) {
        if self.rows.len() >= MOST && !self.rows.contains_key(id) {
            let oldest = self.rows.iter().min_by_key(|(_, known)| known.asked.time);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.rows.remove(&oldest);
            }
        }
        self.rows.insert(id.to_owned(), Arc::clone(known));
    }

    /// The ids of a sort that wait.
    pub(super) fn waiting(&mut self, sort: Sort) -> &mut Waiting {
        match sort {
            Sort::Known => &mut self.known,
            Sort::Strangers => &mut self.strangers,
        }
    }

    /// What the next look takes. With nothing left, who comes next begins anew.
    pub(super) fn next(&mut self, sort: Sort) -> Vec<Asked> {
        let waiting = self.waiting(sort);
        let count = waiting.ids.len().min(LOOK);
        let asked: Vec<Asked> = waiting.ids.drain(..count).collect();
        waiting.looking = !asked.is_empty();
        asked
    }
}

/// A point of time, and of this process' changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) time: Instant,
    pub(super) changes: u64,
}

impl Moment {
    /// Whether what was read from `self` on holds all that `other` asks for.
    pub(super) fn covers(self, other: Self) -> bool {
        self.time >= other.time && self.changes >= other.changes
    }
}

pub(super) struct Known {
    pub(super) row: Row,
    /// When the store was asked for it.
    pub(super) asked: Moment,
    /// When its last use was noted, in microseconds since 1970.
    pub(super) touched: AtomicI64,
    /// When its bucket of requests is full again, in nanoseconds since this process began. The
    /// same for every reading of the row.
    pub(super) full: Arc<AtomicU64>,
}

pub(super) type Found = Result<Option<Arc<Known>>, Arc<store::Error>>;

#[derive(Clone)]
pub(super) struct Look {
    pub(super) asked: Moment,
    pub(super) found: watch::Receiver<Option<Found>>,
}

/// An id that is to be looked for.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) asked: Moment,
    pub(super) answer: watch::Sender<Option<Found>>,
}

/// Which ids wait: those of keys met before never wait for others, however many those are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Of keys met before.
    Known,
    /// All else.
    Strangers,
}

/// The ids of a sort that wait for the next look.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) ids: VecDeque<Asked>,
    /// Whether somebody takes them from there.
    pub(super) looking: bool,
}
