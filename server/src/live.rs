//! `GET /live`: server-sent events that say that something is new, and nothing of what it is.
//! Whoever hears it asks for what they look at, through the doors they came by.

use crate::problem::Problem;
use crate::session::hash;
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::Fault;
use engine::Engine;
use engine::accounts::Account;
use engine::live::{Full, Heard};
use futures::stream;
use http::{HeaderName, StatusCode, header};
use std::convert::Infallible;
use std::time::Duration;
use tower_sessions::Session;

/// Between two comments on a stream that has nothing to tell: what stands between must not take it
/// for dead, and the page must notice when it is.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// When to come back, in seconds, where no place is left.
const LATER: u64 = 10;

/// A stream of `{"seq":n}`, until the session ends or the server stops. `n` rises.
///
/// # Errors
/// 429 when the account listens in too many places, 503 when too many listen or the server stops.
pub async fn listen(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(session): Extension<Session>,
) -> Result<Response, Problem> {
    // The guard has found an account in it, so it has been stored under its id.
    let id = session.id().ok_or_else(|| refused(Full::Stopping))?;
    let heard = engine.live.listen(account.id, hash(&id)).await.map_err(refused)?;
    let told = stream::unfold(heard, async |mut heard: Heard| {
        let seq = heard.next().await?;
        let event = Event::default().data(format!("{{\"seq\":{seq}}}"));
        Some((Ok::<_, Infallible>(event), heard))
    });
    let beat = KeepAlive::new().interval(HEARTBEAT);
    // nginx would keep the messages until a page of them is full.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    let unkept = (header::CACHE_CONTROL, "no-store");
    Ok(([unbuffered, unkept], Sse::new(told).keep_alive(beat)).into_response())
}

fn refused(full: Full) -> Problem {
    let (status, fault, detail) = match full {
        Full::Account => (
            StatusCode::TOO_MANY_REQUESTS,
            Fault::RateLimited,
            "this account watches in too many windows; close one",
        ),
        Full::All => (
            StatusCode::SERVICE_UNAVAILABLE,
            Fault::QueueFull,
            "too many windows are watching; the page shows all the same what it is asked for",
        ),
        Full::Stopping => {
            (StatusCode::SERVICE_UNAVAILABLE, Fault::Stopping, "the server is stopping")
        }
    };
    Problem::new(status, fault, detail).retry_after(LATER)
}
