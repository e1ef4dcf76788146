//! Limits how many reports are written at once. Each holds a connection of the store's pool for as
//! long as its reader takes, and the gate, the writer and the pages need the others. Reports that
//! are not waiting for their readers take turns: each uses one CPU core on the server and one in
//! the database, and a decision must find one free.

use crate::gate::Recent;
use std::sync::Arc;
use std::time::Duration;
use store::Db;
use store::reports::PieceSize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The part of the pool's connections that reports may hold: one in this many, but at least one.
const SHARE: usize = 5;
/// How long a report waits for another one to end.
const WAIT: Duration = Duration::from_secs(3);

/// The slots for reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReportSlots {
    pub(super) free: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    gate: Arc<Recent>,
}

/// A slot for one report, freed when dropped.
#[derive(Debug)]
pub struct ReportSlot {
    _permit: OwnedSemaphorePermit,
    turns: Arc<Semaphore>,
    turn: Option<OwnedSemaphorePermit>,
    gate: Arc<Recent>,
}

impl ReportSlot {
    /// Waits for this report's turn, unless it has it already.
    pub async fn work(&mut self) {
        if self.turn.is_none() {
            // The semaphore is never closed.
            self.turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        }
    }

    /// Small pieces while decisions are being requested.
    pub(super) fn pace(&self) -> PieceSize {
        let gate = Arc::clone(&self.gate);
        PieceSize::giving_way(move || gate.lately())
    }

    /// Ends the turn, so that the next report can work.
    pub(super) fn rest(&mut self) {
        self.turn = None;
    }
}

/// All places were taken, and none became free within three seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many reports are being written at once; try again in a few seconds")]
pub struct NoFreeSlot;

impl ReportSlots {
    /// For the pool of a store: 4 of its 20 connections. Half as many reports as there are CPU
    /// cores work at once.
    pub(crate) fn new(db: &Db, gate: Arc<Recent>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = usize::try_from(db.read().options().get_max_connections()).unwrap_or(usize::MAX);
        let all = (pool / SHARE).clamp(1, Semaphore::MAX_PERMITS);
        Self::of(all, (processors / 2).max(1), gate)
    }

    /// With `all` places, of which `working` work at once.
    pub(super) fn of(all: usize, working: usize, gate: Arc<Recent>) -> Self {
        let permits = |all| Arc::new(Semaphore::new(all));
        Self { free: permits(all), turns: permits(working), gate }
    }

    /// A turn for other work that gives way to decisions like reports do. Returns at once if no
    /// decisions are being requested.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        if !self.gate.lately() {
            return None;
        }
        // The semaphore is never closed.
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// [`NoFreeSlot`] if no place becomes free within three seconds.
    pub async fn enter(&self) -> Result<ReportSlot, NoFreeSlot> {
        match tokio::time::timeout(WAIT, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(ReportSlot {
                _permit: permit,
                turns: Arc::clone(&self.turns),
                turn: None,
                gate: Arc::clone(&self.gate),
            }),
            // The semaphore is never closed, so the time is over.
            Ok(Err(_)) | Err(_) => Err(NoFreeSlot),
        }
    }
}
