//! How many pages, and parts of pages, are made at once, and where. Whoever asks for more than the
//! server can make waits, and is then turned away: pages are what is shed first, long before a
//! decision.

use crate::failure::Failure;
use axum::response::Response;
use domain::Fault;
use domain::doors::{Door, Kind};
use engine::counters;
use engine::reports::Places;
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

/// Pages made at once: one for each processor, so that none waits for another and a decision waits
/// for none; and no more than half of the connections that pages, reports and the intake share.
const AT_ONCE: std::ops::RangeInclusive<usize> = 2..=10;
/// Requests that wait for their turn at most. A workbook with all its tiles asks for a dozen.
const WAITING: usize = 250;
/// How much they give way to everything else, of 19.
const NICE: i32 = 10;
/// The door whose answers are reports for keys.
const REPORTS: &str = "/api/v1/reports/{name}";
/// Parts that take no turn with the pages: a report takes its own, piece by piece, and a replay of
/// the rules, which may take seconds, has a queue of its own.
const APART: [&str; 2] = ["/export/{report}", "/rules/figures"];
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
    threads: Option<Handle>,
}

/// Threads that pages and reports are made on. They give way to those that answer decisions: a page
/// takes milliseconds of a processor in one piece, and ten of them would go before a decision that
/// comes after them. Until it is dropped.
#[derive(Debug)]
pub struct Threads(Option<Runtime>);

impl Threads {
    /// Half as many as there are processors: however many pages are asked for, the other half is
    /// left to decisions, also where a process of lower priority is not held back by others
    /// (Linux weighs sessions first, sched(7), "The autogroup feature").
    ///
    /// # Errors
    /// When the system has no room for them.
    pub fn start() -> std::io::Result<Self> {
        let mut threads = Builder::new_multi_thread();
        threads.worker_threads((processors() / 2).max(1));
        // Linux keeps this for each thread. Where it is refused, they are as important as others.
        threads.on_thread_start(|| {
            let _ = rustix::process::nice(NICE);
        });
        Ok(Self(Some(threads.thread_name("pages").enable_all().build()?)))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // What is under way has no reader any more.
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

    /// Made on threads of their own, rather than on those of whoever asks.
    pub fn on(threads: &Threads) -> Self {
        let threads = threads.0.as_ref().map(|runtime| runtime.handle().clone());
        Self { threads, ..Self::default() }
    }

    /// Makes what a door asks for: pages, parts and reports on their threads, anything else here.
    pub async fn make(
        &self,
        door: &Door,
        answer: impl Future<Output = Response> + Send + 'static,
    ) -> Response {
        let apart = is_page(door) || door.path == REPORTS;
        let Some(threads) = self.threads.as_ref().filter(|_| apart) else { return answer.await };
        // Dropped with a request whose client has gone.
        match AbortOnDropHandle::new(threads.spawn(answer.in_current_span()))
            .await
            .map_err(JoinError::try_into_panic)
        {
            Ok(response) => response,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => stopping().problem(),
        }
    }

    /// A place for what this door asks for, as soon as there is one. It is given back when it is
    /// dropped, also with a request whose client has gone. Doors that make no page need none.
    ///
    /// # Errors
    /// 503 when none is free within five seconds, or at once when too many wait.
    pub async fn enter(&self, door: &Door) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        if !is_page(door) {
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

    /// A turn among what gives way to decisions, while some are asked for: pages and reports
    /// together then keep half of the processors busy, here and in the database. Given back as
    /// places are.
    ///
    /// # Errors
    /// 503 when it does not come within five seconds.
    pub async fn turn(
        &self,
        door: &Door,
        turns: &Places,
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
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, Fault::Stopping, words).retry_after(LATER)
}

fn busy() -> Failure {
    counters::PAGES_SHED.add(1);
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
        // They end with the server; nobody waits for ever.
        let never = std::future::pending();
        let (response, ()) = tokio::join!(pages.make(door("GET", "/audit"), never), async {
            drop(threads);
        });
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
