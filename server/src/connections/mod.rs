//! Accepts connections: limits their number and idle time, and chooses which to close when there
//! are too many.

mod stream;
mod table;

use crate::failure::Failure;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse as _, Response};
use domain::Fault;
use domain::doors::DOORS;
use domain::roles::{Requirement, Scope};
use http::{HeaderValue, Request, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use stream::Stream;
use table::{Busy, ConnectionSlot, Table};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

/// The most connections at once.
const PLACES: usize = 4_096;
/// Further connections for the gate's doors and `/healthz`, while all others are busy.
const RESERVE: usize = 256;
/// Other open files of the process: the database's connections, spools, reports.
const FILES: u64 = 512;
/// The interval of checks for idle connections.
const LOOK: Duration = Duration::from_secs(1);
/// The pause after an accept failed.
const TROUBLE: Duration = Duration::from_millis(20);
/// The longest request head, and the most that is read ahead of a body, in bytes.
const BUFFER: usize = 64 << 10;
/// `Retry-After`, in seconds.
const LATER: u64 = 5;

/// Accepts and serves connections until `stop`, then returns once all running requests are
/// answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let table = Table::new(places(), RESERVE);
    let tasks = TaskTracker::new();
    let mut look = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = look.tick() => {
                let now = Instant::now();
                table.expire(now);
                metrics::gauge!("tollwarden_connections").set(table.len() as f64);
            }
            accepted = listener.accept() => match accepted {
                Ok((tcp, peer)) => {
                    // Without a place the connection is closed.
                    if let Some(place) = table.enter(Instant::now()) {
                        tasks.spawn(connection(tcp, peer, router.clone(), place, stop.clone()));
                    }
                }
                Err(error) if of_its_client(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    table.evict();
                    tokio::time::sleep(TROUBLE).await;
                }
            }
        }
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// Whether the client closed a connection before it was accepted.
fn of_its_client(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The number of connections that the limit on open files allows, up to [`PLACES`]; raises the
/// limit if possible.
fn places() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = (PLACES + RESERVE) as u64 + FILES;
    let may = maximum.unwrap_or(u64::MAX).min(wanted);
    let has = match current {
        Some(current) if current < may => {
            let more = Rlimit { current: Some(may), maximum };
            setrlimit(Resource::Nofile, more).map_or(current, |()| may)
        }
        current => current.unwrap_or(wanted),
    };
    let left = has.saturating_sub(RESERVE as u64 + FILES);
    let places = usize::try_from(left).unwrap_or(PLACES).clamp(64, PLACES);
    if places < PLACES {
        tracing::warn!(places, "the limit on open files leaves room for few connections");
    }
    places
}

async fn connection(
    tcp: TcpStream,
    peer: SocketAddr,
    router: Router,
    place: ConnectionSlot,
    stop: CancellationToken,
) {
    // Without this, Nagle's algorithm holds the last part of every streamed answer for 40 ms.
    let _ = tcp.set_nodelay(true);
    let (end, place) = (place.end.clone(), Arc::new(place));
    let answered = Arc::new(AtomicBool::new(false));
    let stream = Stream::new(tcp, Arc::clone(&place), Arc::clone(&answered));
    let service = service_fn(move |mut request: Request<Incoming>| {
        let busy = Answering { _busy: place.busy(), answered: Arc::clone(&answered) };
        let reserve = place.reserve;
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            let response = if reserve && !is_of_reserve(request.uri().path()) {
                let words = "This server has too many clients. Try again in a few seconds.";
                Failure::unavailable(Fault::QueueFull, words, LATER).into_response()
            } else {
                let Ok(response) = router.oneshot(request.map(Body::new)).await;
                response
            };
            Ok::<_, Infallible>(answer(response, busy, reserve))
        }
    });
    let serving =
        http1::Builder::new().max_buf_size(BUFFER).serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        () = end.cancelled() => return,
        () = stop.cancelled() => None,
        ended = serving.as_mut() => Some(ended),
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            serving.as_mut().graceful_shutdown();
            tokio::select! {
                () = end.cancelled() => return,
                ended = serving => ended,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

/// Whether the reserve serves this path: the gate's doors and the liveness probe.
fn is_of_reserve(path: &str) -> bool {
    let gate = Requirement::Key(Scope::DecisionsWrite);
    path == "/healthz" || DOORS.iter().any(|door| door.need == gate && door.path == path)
}

fn answer(response: Response, busy: Answering, last: bool) -> Response<Content> {
    let mut response = response.map(|body| Content { body, _busy: busy });
    if last {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// A request that is being answered, up to the last byte of its answer.
struct Answering {
    _busy: Busy,
    answered: Arc<AtomicBool>,
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.answered.store(true, Ordering::Relaxed);
    }
}

/// A response body that keeps its connection busy until it is sent.
struct Content {
    body: Body,
    _busy: Answering,
}

impl HttpBody for Content {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_for_the_gate_and_the_probe() {
        for path in ["/healthz", "/api/v1/decisions", "/api/v1/b2c/validate-phone"] {
            assert!(is_of_reserve(path), "{path}");
        }
        for path in ["/", "/readyz", "/sign-in", "/api/v1/events", "/api/v1/reports/x"] {
            assert!(!is_of_reserve(path), "{path}");
        }
    }
}
