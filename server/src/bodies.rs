//! Bodies on their way in: what they may hold in memory all together, and how long they may take.
//!
//! Files that are written to disk as they arrive hold no memory, and small bodies are bounded by
//! the number of connections; all others share one budget. When it is used up, the next is told to
//! come back: what is already in memory gets done first.

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

/// Bytes that bodies may hold in all.
const BUDGET: usize = 256 << 20;
/// Bytes that one permit stands for: small enough to waste little, and few enough permits.
const UNIT: usize = 4 << 10;
/// Bytes of a body that is not counted, so that a decision never waits for events to be read.
const SMALL: u64 = 64 << 10;
/// Bytes of the largest body that any handler keeps in memory.
const LARGE: u64 = 64 << 20;
/// How long a body may pause.
const PAUSE: Duration = Duration::from_secs(20);
/// How long a form or a small body may take in all.
const SMALL_ARRIVES: Duration = Duration::from_secs(20);
/// How long a page may take.
const PAGE_TAKES: Duration = Duration::from_secs(30);
/// How long a program's request may take, with a batch of events over a slow line.
const BATCH_TAKES: Duration = Duration::from_secs(300);
/// How long a body that is kept in memory may take to arrive: 32 MiB come in over 2.3 Mbit/s.
const BATCH_ARRIVES: Duration = Duration::from_secs(120);
/// How long a file may take.
const FILE_TAKES: Duration = Duration::from_secs(4 * 3600);
/// When to come back after there was no room, in seconds.
const LATER: u64 = 2;

/// How long a request may take once it is let in. Its body arrives meanwhile, unless it is a form.
pub fn takes(door: &Door) -> Duration {
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

/// The room that bodies share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bodies(Arc<Semaphore>);

impl Default for Bodies {
    fn default() -> Self {
        Self::new(BUDGET)
    }
}

/// Why a body did not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The budget is used up.
    Full,
    /// It paused or took too long.
    Slow,
}

impl Cause {
    fn failure(self) -> Failure {
        match self {
            Self::Full => {
                let words = "More is being sent than there is room for. Send it again in a moment.";
                Failure::new(StatusCode::TOO_MANY_REQUESTS, Fault::QueueFull, words)
                    .retry_after(LATER)
            }
            Self::Slow => {
                let words = "The body took too long to arrive.";
                Failure::new(StatusCode::REQUEST_TIMEOUT, Fault::Timeout, words)
            }
        }
    }
}

/// What one body holds of the budget, until it is dropped.
#[derive(Debug, Default)]
pub struct Held(Mutex<Share>);

#[derive(Debug, Default)]
struct Share {
    permits: Option<OwnedSemaphorePermit>,
    bytes: usize,
    cause: Option<Cause>,
}

impl Held {
    fn share(&self) -> MutexGuard<'_, Share> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the body did not come in, if it did not: whatever its reader made of that, this is the
    /// answer.
    pub fn failure(&self) -> Option<Failure> {
        self.share().cause.map(Cause::failure)
    }

    fn fail<T>(&self, cause: Cause) -> Result<T, std::io::Error> {
        self.share().cause = Some(cause);
        Err(std::io::Error::other("the body did not come in"))
    }
}

/// A body as it arrives.
struct Arriving {
    data: BodyDataStream,
    room: Option<Bodies>,
    held: Arc<Held>,
    until: Instant,
}

impl Bodies {
    fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// Puts a door's limits of room and time around a body. `declared` is how long the client says
    /// it is, in bytes; it is turned away at once when that much is not free.
    ///
    /// # Errors
    /// 429 when there is no room.
    pub fn receive(
        &self,
        door: &Door,
        declared: Option<u64>,
        body: Body,
    ) -> Result<(Body, Arc<Held>), Failure> {
        let counted = (SMALL + 1..=LARGE).contains(&door.body);
        let wanted = declared.map_or(0, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        if counted && wanted.div_ceil(UNIT) > self.0.available_permits() {
            return Err(Cause::Full.failure());
        }
        let held = Arc::new(Held::default());
        let arriving = Arriving {
            data: body.into_data_stream(),
            room: counted.then(|| self.clone()),
            held: Arc::clone(&held),
            until: Instant::now() + arrives(door),
        };
        let pieces = futures::stream::try_unfold(arriving, Arriving::next);
        Ok((Body::from_stream(pieces), held))
    }

    /// Takes room for so many bytes more; `false` when there is none.
    fn grow(&self, held: &Held, bytes: usize) -> bool {
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
            Err(_) => return self.held.fail(Cause::Slow),
        };
        if let Some(room) = &self.room
            && !room.grow(&self.held, piece.len())
        {
            return self.held.fail(Cause::Full);
        }
        Ok(Some((piece, self)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::doors::{Found, find};
    use http_body_util::BodyExt as _;

    fn door(path: &str) -> &'static Door {
        match find("POST", path) {
            Found::Door(door) => door,
            other => panic!("{path}: {other:?}"),
        }
    }

    async fn arrives(bodies: &Bodies, path: &str, bytes: usize) -> Result<Arc<Held>, Failure> {
        let (body, held) = bodies.receive(door(path), None, Body::from(vec![b' '; bytes]))?;
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
        let full = arrives(&bodies, "/api/v1/events", 1).await.unwrap_err().problem();
        assert_eq!(full.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(full.headers()["retry-after"], "2");
        // A decision is not counted, nor is what goes to disk.
        for path in ["/api/v1/decisions", "/imports"] {
            assert!(arrives(&bodies, path, 1 << 14).await.is_ok(), "{path}");
        }
        drop(first);
        assert!(arrives(&bodies, "/api/v1/events", half).await.is_ok());
        // Who says how much will come is turned away before any of it does.
        let declared = bodies.receive(door("/api/v1/events"), Some(1 << 20), Body::empty());
        assert_eq!(declared.unwrap_err().fault(), Fault::QueueFull);
        drop(second);
        assert_eq!(bodies.0.available_permits(), (1 << 20) / UNIT, "all of it came back");
    }
}
