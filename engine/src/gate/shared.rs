//! State shared by the gate's requests, its writers and its reads of the store.

use super::backlog::Backlog;
use super::live::GateMemory;
use super::recent::Recent;
use crate::agent::Agents;
use crate::sync::lock;
use domain::Source;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard};
use store::Db;
use tokio::sync::{Mutex as AsyncMutex, Semaphore, mpsc};

/// Most decisions that may wait to be written; beyond that the setting for store failures decides.
pub(super) const QUEUE: usize = 20_000;

pub(super) struct Shared {
    pub(super) db: Db,
    pub(super) source: Source,
    pub(super) agents: Arc<Agents>,
    /// Rules and ledger: one lock for deciding and reserving.
    state: Mutex<GateMemory>,
    /// This process's change count at the last read.
    pub(super) seen: AtomicU64,
    /// This process's change count when a read last failed.
    pub(super) missed: AtomicU64,
    /// Allows only one read of the store at a time.
    pub(super) looking: AsyncMutex<()>,
    /// Transactions of this process that the tail has not passed yet.
    pub(super) own: Mutex<HashSet<i64>>,
    pub(super) room: Arc<Semaphore>,
    /// Records answered without the store, until it is back.
    pub(super) kept: Backlog,
    /// Whether the last commit failed because the store did not answer.
    pub(super) away: AtomicBool,
    /// Whether reads of the store fail.
    pub(super) blind: AtomicBool,
    /// When the last decision was requested.
    pub(super) asked: Arc<Recent>,
    /// When the store last answered.
    pub(super) pulse: Arc<Recent>,
    /// Requests a rebuild of the ledger.
    pub(super) refolds: mpsc::Sender<()>,
}

impl Shared {
    pub(super) fn new(
        db: Db,
        source: Source,
        agents: Arc<Agents>,
        state: GateMemory,
        seen: u64,
    ) -> (Self, mpsc::Receiver<()>) {
        let (refolds, wanted) = mpsc::channel(1);
        let pulse = Arc::new(Recent::default());
        // The store has just been read.
        pulse.note();
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
            kept: Backlog::default(),
            away: AtomicBool::new(false),
            blind: AtomicBool::new(false),
            asked: Arc::default(),
            pulse,
            refolds,
        };
        (shared, wanted)
    }

    /// Nothing under the lock panics; even if it did, the state would be consistent.
    pub(super) fn state(&self) -> MutexGuard<'_, GateMemory> {
        lock(&self.state)
    }
}
