//! `GET /live`: server-sent events that only say that something is new. The page then requests its
//! content through its own door.

use crate::failure::Failure;
use crate::session::hash;
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::accounts::Account;
use engine::live::{Full, Subscription};
use futures::stream;
use http::{HeaderName, header};
use std::convert::Infallible;
use std::time::Duration;
use tower_sessions::Session;

/// The interval of comments on a silent stream: proxies must not close it, and the page must notice
/// when it breaks.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Streams `{"seq":n}` with rising `n` until the session ends or the server stops.
///
/// # Errors
/// 429 if the account has too many streams, 503 if there are too many in all or the server is
/// stopping.
pub(crate) async fn listen(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(session): Extension<Session>,
) -> Result<Response, Failure> {
    // The guard found an account in this session, so it is stored and has an id.
    let id = session.id().ok_or(Full::Stopping)?;
    let heard = engine.live.listen(account.id, hash(&id)).await?;
    let told = stream::unfold(heard, async |mut heard: Subscription| {
        let seq = heard.next().await?;
        let event = Event::default().data(format!("{{\"seq\":{seq}}}"));
        Some((Ok::<_, Infallible>(event), heard))
    });
    let beat = KeepAlive::new().interval(HEARTBEAT);
    // nginx would buffer the messages.
    let unbuffered = (HeaderName::from_static("x-accel-buffering"), "no");
    let unkept = (header::CACHE_CONTROL, "no-store");
    Ok(([unbuffered, unkept], Sse::new(told).keep_alive(beat)).into_response())
}
