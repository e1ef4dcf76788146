//! How many reports are written at once. Each holds a connection of the store's pool for as long
//! as whoever asked takes to read it, and the gate, the writer and the pages need the others.

use std::sync::Arc;
use std::time::Duration;
use store::Db;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The share of the pool's connections that reports may hold: one of so many, but at least one.
const SHARE: usize = 5;
/// How long a report waits for another one to end.
const WAIT: Duration = Duration::from_secs(3);

/// The places that reports are written in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Places {
    pub(super) free: Arc<Semaphore>,
}

/// A place: given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _permit: OwnedSemaphorePermit,
}

/// Every place is taken, and none became free within three seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many reports are being written as may be at once; ask again in a few seconds")]
pub struct Full;

impl Places {
    /// For the pool of a store: 4 of its 20 connections.
    pub fn new(db: &Db) -> Self {
        let pool = usize::try_from(db.pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let all = (pool / SHARE).clamp(1, Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(all)) }
    }

    /// A place, as soon as there is one.
    ///
    /// # Errors
    /// When there is none within three seconds.
    pub async fn enter(&self) -> Result<Place, Full> {
        match tokio::time::timeout(WAIT, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Place { _permit: permit }),
            // Nobody closes it: the time is over.
            Ok(Err(_)) | Err(_) => Err(Full),
        }
    }
}
