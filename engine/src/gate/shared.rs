//! What the gate's door, its writers and its looks at the store share.

use super::asked::Asked;
use super::backlog::Kept;
use super::live::State;
use super::pulse::Pulse;
use crate::agent::Agents;
use domain::Source;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Db;
use tokio::sync::{Mutex as AsyncMutex, Semaphore, mpsc};

/// Decisions that may wait to be written; past that the setting for a store's failure answers.
pub(super) const QUEUE: usize = 20_000;

pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) source: Source,
    pub(super) agents: Arc<Agents>,
    /// Rules and ledger: one lock for deciding and reserving.
    state: Mutex<State>,
    /// What this process had changed when it last looked.
    pub(super) seen: AtomicU64,
    /// What it had changed when a look last failed.
    pub(super) missed: AtomicU64,
    /// One look at the store at a time.
    pub(super) looking: AsyncMutex<()>,
    /// Transactions of this process that are too new for the tail to be past them.
    pub(super) own: Mutex<HashSet<i64>>,
    pub(super) room: Arc<Semaphore>,
    /// What was answered without the store, until that returns.
    pub(super) kept: Kept,
    /// The last commit failed because nobody answered.
    pub(super) away: AtomicBool,
    /// Looks at the store fail.
    pub(super) blind: AtomicBool,
    /// When it was asked last.
    pub(super) asked: Asked,
    /// Whether it answers at all.
    pub(super) pulse: Arc<Pulse>,
    /// Asks for the last day to be folded anew.
    pub(super) refolds: mpsc::Sender<()>,
}

impl Shared {
    pub(super) fn new(
        db: Db,
        source: Source,
        agents: Arc<Agents>,
        state: State,
        seen: u64,
    ) -> (Self, mpsc::Receiver<()>) {
        let (refolds, wanted) = mpsc::channel(1);
        let shared = Self {
            db,
            source,
            agents,
            state: Mutex::new(state),
            seen: AtomicU64::new(seen),
            missed: AtomicU64::new(u64::MAX),
            looking: AsyncMutex::new(()),
            own: Mutex::default(),
            room: Arc::new(Semaphore::new(QUEUE)),
            kept: Kept::default(),
            away: AtomicBool::new(false),
            blind: AtomicBool::new(false),
            asked: Asked::default(),
            pulse: Arc::new(Pulse::new()),
            refolds,
        };
        (shared, wanted)
    }

    /// Nothing that panics runs under the lock; were it so, what it guards is whole all the same.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
