//! How many pages, and parts of pages, are made at once. Whoever asks for more than the server can
//! make waits, and is then turned away: pages are what is shed first, long before a decision.

use crate::failure::Failure;
use domain::Fault;
use domain::doors::{Door, Kind};
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pages made at once: half of the connections that pages, reports and the intake share.
const AT_ONCE: usize = 10;
/// Requests that wait for their turn at most. A workbook with all its tiles asks for a dozen.
const WAITING: usize = 250;
/// How long one waits.
const PATIENCE: Duration = Duration::from_secs(5);
/// When to ask again after being turned away, in seconds.
const LATER: u64 = 5;

/// The places that pages are made in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pages {
    free: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    patience: Duration,
}

impl Default for Pages {
    fn default() -> Self {
        Self::new(AT_ONCE, WAITING, PATIENCE)
    }
}

impl Pages {
    fn new(at_once: usize, waiting: usize, patience: Duration) -> Self {
        let of = |places| Arc::new(Semaphore::new(places));
        Self { free: of(at_once), waiting: of(waiting), patience }
    }

    /// A place for what this door asks for, as soon as there is one. It is given back when it is
    /// dropped, also with a request whose client has gone. Doors that make no page need none.
    ///
    /// # Errors
    /// 503 when none is free within five seconds, or at once when too many wait.
    pub async fn enter(&self, door: &Door) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        if !matches!(door.kind, Kind::Page | Kind::Part) {
            return Ok(None);
        }
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _turn = self.waiting.try_acquire().map_err(|_| busy())?;
        match tokio::time::timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            // Nobody closes it: the time is over.
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }
}

fn busy() -> Failure {
    metrics::counter!("tollwarden_pages_shed_total").increment(1);
    let words = "More pages are being asked for than can be made. Try again in a few seconds.";
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, Fault::QueueFull, words).retry_after(LATER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::doors::{Found, find};

    fn door(method: &str, path: &str) -> &'static Door {
        match find(method, path) {
            Found::Door(door) => door,
            other => panic!("{method} {path}: {other:?}"),
        }
    }

    #[tokio::test]
    async fn pages_wait_and_are_shed_and_nothing_else_is() {
        let pages = Pages::new(1, 1, Duration::ZERO);
        let page = door("GET", "/audit");
        let first = pages.enter(page).await.unwrap();
        for (method, path) in [
            ("POST", "/api/v1/decisions"),
            ("POST", "/api/v1/events"),
            ("POST", "/_fn/sign-in"),
            ("GET", "/healthz"),
        ] {
            assert!(pages.enter(door(method, path)).await.is_ok(), "{path}");
        }
        for path in ["/audit", "/tiles/{tile}", "/export/{report}"] {
            let failure = pages.enter(door("GET", path)).await.unwrap_err();
            let answer = failure.problem();
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(answer.headers()["retry-after"], "5", "{path}");
        }
        drop(first);
        assert!(pages.enter(page).await.is_ok(), "what was given back is taken again");
    }

    #[tokio::test]
    async fn who_waits_comes_in_and_more_than_may_wait_do_not() {
        let long = Duration::from_secs(3600);
        let pages = Pages::new(1, 1, long);
        let page = door("GET", "/");
        let first = pages.enter(page).await.unwrap();
        let second = pages.enter(page);
        let others = async {
            // The one that waits is the only one who may.
            assert_eq!(pages.enter(page).await.unwrap_err().fault(), Fault::QueueFull);
            drop(first);
        };
        let (second, ()) = tokio::join!(second, others);
        assert!(second.is_ok());
    }
}
