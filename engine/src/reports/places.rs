//! How many reports are written at once. Each holds a connection of the store's pool for as long
//! as whoever asked takes to read it, and the gate, the writer and the pages need the others. Those
//! that are not waiting for their readers take turns: each keeps a processor of the server's and
//! one of the database's busy, and a decision must find one free.

use crate::gate::Asked;
use std::sync::Arc;
use std::time::Duration;
use store::Db;
use store::reports::Pace;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The share of the pool's connections that reports may hold: one of so many, but at least one.
const SHARE: usize = 5;
/// How long a report waits for another one to end.
const WAIT: Duration = Duration::from_secs(3);

/// The places that reports are written in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Places {
    pub(super) free: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    gate: Asked,
}

/// A place: given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
    turns: Arc<Semaphore>,
    turn: Option<OwnedSemaphorePermit>,
    gate: Asked,
}

impl Place {
    /// Waits until it is this report's turn, if it is not.
    pub async fn work(&mut self) {
        if self.turn.is_none() {
            // Nobody closes it.
            self.turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        }
    }

    /// In small pieces while decisions are asked for.
    pub(super) fn pace(&self) -> Pace {
        let gate = self.gate.clone();
        Pace::giving_way(move || gate.lately())
    }

    /// Lets the next one work.
    pub(super) fn rest(&mut self) {
        self.turn = None;
    }
}

/// Every place is taken, and none became free within three seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many reports are being written as may be at once; ask again in a few seconds")]
pub struct Full;

impl Places {
    /// For the pool of a store: 4 of its 20 connections. Half as many work at once as there are
    /// processors.
    pub fn new(db: &Db, gate: Asked) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let pool = usize::try_from(db.read().options().get_max_connections()).unwrap_or(usize::MAX);
        let all = (pool / SHARE).clamp(1, Semaphore::MAX_PERMITS);
        Self::of(all, (processors / 2).max(1), gate)
    }

    /// So many, of which so many work at once.
    pub(super) fn of(all: usize, working: usize, gate: Asked) -> Self {
        let permits = |all| Arc::new(Semaphore::new(all));
        Self { free: permits(all), turns: permits(working), gate }
    }

    /// A turn for other work that gives way as reports do, while decisions are asked for. Nothing is
    /// waited for while they are not.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        if !self.gate.lately() {
            return None;
        }
        // Nobody closes it.
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }

    /// A place, as soon as there is one.
    ///
    /// # Errors
    /// When there is none within three seconds.
    pub async fn enter(&self) -> Result<Place, Full> {
        match tokio::time::timeout(WAIT, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Place {
                _permit: permit,
                turns: Arc::clone(&self.turns),
                turn: None,
                gate: self.gate.clone(),
            }),
            // Nobody closes it: the time is over.
            Ok(Err(_)) | Err(_) => Err(Full),
        }
    }
}
