//! Limits request bodies: their total memory, and how long they may take.
//!
//! Uploads go to disk as they arrive, and small bodies are limited by the number of connections;
//! all others share one budget of memory. Once it is used up, requests get 429 until earlier ones
//! are done.

use crate::failure::Failure;
use axum::body::{Body, BodyDataStream, Bytes};
use domain::Fault;
use domain::doors::{Door, Kind};
use futures::StreamExt as _;
use http::StatusCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// The shared budget, in bytes.
const BUDGET: usize = 256 << 20;
/// Bytes per permit: small enough to waste little, large enough to keep permits few.
const UNIT: usize = 4 << 10;
/// Bodies up to this size are not counted, so that a decision never waits for events.
const SMALL: u64 = 64 << 10;
/// The largest body that a handler keeps in memory, in bytes.
const LARGE: u64 = 64 << 20;
/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(20);
/// How long a form or a small body may take to arrive.
const SMALL_ARRIVES: Duration = Duration::from_secs(20);
/// How long a page may take.
const PAGE_TAKES: Duration = Duration::from_secs(30);
/// How long a program's request may take, with a batch of events over a slow line.
const BATCH_TAKES: Duration = Duration::from_secs(300);
/// How long a body that is kept in memory may take to arrive: 32 MiB come in over 2.3 Mbit/s.
const BATCH_ARRIVES: Duration = Duration::from_secs(120);
/// How long an upload may take.
const FILE_TAKES: Duration = Duration::from_secs(4 * 3600);
/// `Retry-After` if there is no room, in seconds.
const LATER: u64 = 2;

/// How long a handler may take; for uploads this includes the arrival of the body.
pub(crate) fn takes(door: &Door) -> Duration {
    match door.kind {
        Kind::Upload => FILE_TAKES,
        Kind::Api => BATCH_TAKES,
        _ => PAGE_TAKES,
    }
}

/// How long a body may take to arrive.
fn arrives(door: &Door) -> Duration {
    match (door.kind, door.body) {
        (Kind::Upload, _) => FILE_TAKES,
        (Kind::Form, _) | (_, ..=SMALL) => SMALL_ARRIVES,
        _ => BATCH_ARRIVES,
    }
}

/// The budget that bodies share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Bodies(Arc<Semaphore>);

impl Default for Bodies {
    fn default() -> Self {
        Self::new(BUDGET)
    }
}

/// The budget is used up.
fn full() -> Failure {
    let words = "The server is receiving too much at once. Try again in a moment.";
    Failure::new(StatusCode::TOO_MANY_REQUESTS, Fault::QueueFull, words).retry_after(LATER)
}

/// The body paused or took too long.
fn slow() -> Failure {
    let words = "The body took too long to arrive.";
    Failure::new(StatusCode::REQUEST_TIMEOUT, Fault::Timeout, words)
}

/// One body's share of the budget, returned when dropped.
#[derive(Debug, Default)]
pub(crate) struct BodyShare(Mutex<Share>);

#[derive(Debug, Default)]
struct Share {
    permits: Option<OwnedSemaphorePermit>,
    bytes: usize,
    failure: Option<Failure>,
}

impl BodyShare {
    fn share(&self) -> MutexGuard<'_, Share> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the body did not arrive; this takes precedence over its reader's error.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.share().failure.clone()
    }

    fn fail<T>(&self, failure: Failure) -> Result<T, std::io::Error> {
        self.share().failure = Some(failure);
        Err(std::io::Error::other("the body did not come in"))
    }
}

/// A body as it arrives.
struct Arriving {
    data: BodyDataStream,
    room: Option<Bodies>,
    held: Arc<BodyShare>,
    until: Instant,
}

impl Bodies {
    fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// Applies a door's limits of memory and time to a body. `declared` is its length in bytes as
    /// the client says; if that much is not free, the body is refused at once.
    ///
    /// # Errors
    /// 429 if there is no room.
    pub(crate) fn receive(
        &self,
        door: &Door,
        declared: Option<u64>,
        body: Body,
    ) -> Result<(Body, Arc<BodyShare>), Failure> {
        let counted = (SMALL + 1..=LARGE).contains(&door.body);
        let wanted = declared.map_or(0, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        if counted && wanted.div_ceil(UNIT) > self.0.available_permits() {
            return Err(full());
        }
        let held = Arc::new(BodyShare::default());
        let arriving = Arriving {
            data: body.into_data_stream(),
            room: counted.then(|| self.clone()),
            held: Arc::clone(&held),
            until: Instant::now() + arrives(door),
        };
        let pieces = futures::stream::try_unfold(arriving, Arriving::next);
        Ok((Body::from_stream(pieces), held))
    }

    /// Reserves room for more bytes; `false` if there is none.
    fn grow(&self, held: &BodyShare, bytes: usize) -> bool {
        let mut share = held.share();
        share.bytes += bytes;
        let has = share.permits.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = share.bytes.div_ceil(UNIT).saturating_sub(has);
        let Ok(more) = u32::try_from(more) else { return false };
        let Ok(permit) = Arc::clone(&self.0).try_acquire_many_owned(more) else { return false };
        match &mut share.permits {
            Some(permits) => permits.merge(permit),
            none => *none = Some(permit),
        }
        true
    }
}

impl Arriving {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        let until = self.until.min(Instant::now() + PAUSE);
        let piece = match timeout_at(until, self.data.next()).await {
            Ok(Some(piece)) => piece.map_err(std::io::Error::other)?,
            Ok(None) => return Ok(None),
            Err(_) => return self.held.fail(slow()),
        };
        if let Some(room) = &self.room
            && !room.grow(&self.held, piece.len())
        {
            return self.held.fail(full());
        }
        Ok(Some((piece, self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::door;
    use axum::response::IntoResponse as _;
    use http_body_util::BodyExt as _;

    async fn arrives(bodies: &Bodies, path: &str, bytes: usize) -> Result<Arc<BodyShare>, Failure> {
        let (body, held) =
            bodies.receive(door("POST", path), None, Body::from(vec![b' '; bytes]))?;
        let came = body.collect().await;
        assert_eq!(came.is_err(), held.failure().is_some());
        held.failure().map_or(Ok(held), Err)
    }

    #[tokio::test]
    async fn bodies_share_their_room_and_give_it_back() {
        let bodies = Bodies::new(1 << 20);
        let half = 1 << 19;
        let first = arrives(&bodies, "/api/v1/events", half).await.unwrap();
        let second = arrives(&bodies, "/api/v1/sources/azure", half).await.unwrap();
        let full = arrives(&bodies, "/api/v1/events", 1).await.unwrap_err().into_response();
        assert_eq!(full.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(full.headers()["retry-after"], "2");
        // A decision is not counted, nor is what goes to disk.
        for path in ["/api/v1/decisions", "/imports"] {
            assert!(arrives(&bodies, path, 1 << 14).await.is_ok(), "{path}");
        }
        drop(first);
        assert!(arrives(&bodies, "/api/v1/events", half).await.is_ok());
        // A declared length is refused before the body arrives.
        let declared = bodies.receive(door("POST", "/api/v1/events"), Some(1 << 20), Body::empty());
        assert_eq!(declared.unwrap_err().fault(), Fault::QueueFull);
        drop(second);
        assert_eq!(bodies.0.available_permits(), (1 << 20) / UNIT, "all of it came back");
    }
}
