//! Limits how many pages and fragments are rendered at once, and on which threads. Further requests
//! wait and are then refused: under load, pages are shed long before decisions.

use crate::failure::Failure;
use axum::response::{IntoResponse as _, Response};
use domain::Fault;
use domain::doors::{Door, Kind};
use engine::counters;
use engine::reports::ReportSlots;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

/// Pages rendered at once: one for each processor, so that decisions need not wait, and at most
/// half of the database connections that pages, reports and intake share.
const AT_ONCE: std::ops::RangeInclusive<usize> = 2..=10;
/// The most requests that wait. A workbook with all its tiles makes a dozen.
const WAITING: usize = 250;
/// The nice value of the page threads, at most 19.
const NICE: i32 = 10;
/// The door of reports for API keys.
const REPORTS: &str = "/api/v1/reports/{name}";
/// Fragments that take no turn with the pages: a report takes turns piece by piece, and a replay of
/// the rules, which may take seconds, has its own queue.
const APART: [&str; 2] = ["/export/{report}", "/rules/figures"];
/// The longest wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// `Retry-After`, in seconds.
const LATER: u64 = 5;

/// Limits the rendering of pages. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    free: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    patience: Duration,
    threads: Option<Handle>,
}

/// The low-priority threads that render pages and reports, until dropped. A page uses a processor
/// for milliseconds without a pause; ten of them would delay a later decision.
#[derive(Debug)]
pub(crate) struct Threads(Option<Runtime>);

impl Threads {
    /// Half as many as there are processors: the other half is left to decisions, even where Linux
    /// ignores the lower priority because it weighs sessions first (sched(7), "The autogroup
    /// feature").
    ///
    /// # Errors
    /// The system cannot create the threads.
    pub(crate) fn start() -> std::io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads((processors() / 2).max(1));
        // Linux sets this for each thread. If it is refused, the threads have normal priority.
        threads.on_thread_start(|| {
            let _ = rustix::process::nice(NICE);
        });
        Ok(Self(Some(threads.thread_name("pages").enable_all().build()?)))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // Nobody waits for running work any more.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Default for Pages {
    fn default() -> Self {
        Self::new(processors().clamp(*AT_ONCE.start(), *AT_ONCE.end()), WAITING, PATIENCE)
    }
}

impl Pages {
    fn new(at_once: usize, waiting: usize, patience: Duration) -> Self {
        let of = |places| Arc::new(Semaphore::new(places));
        Self { free: of(at_once), waiting: of(waiting), patience, threads: None }
    }

    /// Renders on these threads instead of the caller's.
    pub(crate) fn on(threads: &Threads) -> Self {
        let threads = threads.0.as_ref().map(|runtime| runtime.handle().clone());
        Self { threads, ..Self::default() }
    }

    /// Runs a door's handler: pages, fragments and reports on the page threads, all others on the
    /// caller's.
    pub(crate) async fn make(
        &self,
        door: &Door,
        answer: impl Future<Output = Response> + Send + 'static,
    ) -> Response {
        let apart = is_page(door) || door.path == REPORTS;
        let Some(threads) = self.threads.as_ref().filter(|_| apart) else { return answer.await };
        // Aborted when the client disconnects.
        match AbortOnDropHandle::new(threads.spawn(answer.in_current_span()))
            .await
            .map_err(JoinError::try_into_panic)
        {
            Ok(response) => response,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => stopping().into_response(),
        }
    }

    /// Waits for a place to render a page, which is freed when dropped. Doors without a page need
    /// none.
    ///
    /// # Errors
    /// 503 if none is free within five seconds, or at once if too many wait.
    pub(crate) async fn enter(&self, door: &Door) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        if !is_page(door) {
            return Ok(None);
        }
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(Some(permit));
        }
        let _turn = self.waiting.try_acquire().map_err(|_| busy())?;
        match tokio::time::timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            // The semaphore is never closed, so this is the time-out.
            Ok(Err(_)) | Err(_) => Err(busy()),
        }
    }

    /// Waits for a turn. While there are decisions, turns limit pages and reports to half of the
    /// processors, here and in the database. Freed when dropped.
    ///
    /// # Errors
    /// 503 if it takes longer than five seconds.
    pub(crate) async fn turn(
        &self,
        door: &Door,
        turns: &ReportSlots,
    ) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        if !is_page(door) || APART.contains(&door.path) {
            return Ok(None);
        }
        tokio::time::timeout(self.patience, turns.turn()).await.map_err(|_| busy())
    }
}

fn is_page(door: &Door) -> bool {
    matches!(door.kind, Kind::Page | Kind::Part)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn stopping() -> Failure {
    let words = "The server is stopping. Try again in a moment.";
    Failure::unavailable(Fault::Stopping, words, LATER)
}

fn busy() -> Failure {
    counters::PAGES_SHED.add(1);
    let words = "Too many pages are being requested. Try again in a few seconds.";
    Failure::unavailable(Fault::QueueFull, words, LATER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::door;
    use http::StatusCode;

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
            let answer = failure.into_response();
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
            // The one that waits is the only one that may.
            assert_eq!(pages.enter(page).await.unwrap_err().fault(), Fault::QueueFull);
            drop(first);
        };
        let (second, ()) = tokio::join!(second, others);
        assert!(second.is_ok());
    }

    #[test]
    fn what_takes_no_turn_is_a_page_of_the_table() {
        for path in APART {
            assert!(is_page(door("GET", path)), "{path}");
        }
    }

    #[tokio::test]
    async fn pages_are_made_on_threads_of_their_own() {
        let threads = Threads::start().unwrap();
        let pages = Pages::on(&threads);
        let name = async || {
            let name = std::thread::current().name().unwrap_or_default().to_owned();
            Response::new(name.into())
        };
        let made = async |method: &str, path: &str| {
            let response = pages.make(door(method, path), name()).await;
            let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        };
        for path in ["/audit", "/tiles/{tile}", "/export/{report}", REPORTS] {
            assert_eq!(made("GET", path).await, "pages", "{path}");
        }
        assert_ne!(made("POST", "/api/v1/decisions").await, "pages");
        // Work ends with the server, so nobody waits for ever.
        let never = std::future::pending();
        let (response, ()) = tokio::join!(pages.make(door("GET", "/audit"), never), async {
            drop(threads);
        });
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
