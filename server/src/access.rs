//! Every request has an id, a line in the log, and an answer even when its handler panics.

use crate::failure::{Failure, Reader};
use crate::request_id::RequestId;
use crate::state::State;
use axum::extract::{self, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::Fault;
use engine::accounts::ClientAddress;
use futures::FutureExt;
use http::{HeaderName, HeaderValue, StatusCode};
use std::panic::AssertUnwindSafe;
use std::time::Instant;
use tracing::Instrument;

/// Gives the request an id and logs one line once it is answered. The line has the route, not the
/// URL: a query or a set-up link must not get into a log.
pub async fn log(
    extract::State(state): extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let id = RequestId::random();
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let reader = Reader::of(&request);

    let span = tracing::info_span!("request", id = id.as_str());
    let run = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span.clone());
    let mut response = run.await.unwrap_or_else(|panic| {
        let _in = span.enter();
        tracing::error!(panic = message(&panic), "a handler panicked");
        Failure::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Fault::Internal,
            "Something went wrong on the server. Its log has the details under this reference.",
        )
        .answer(&state.assets, &reader)
    });
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    // Set by `client::find`, an inner layer.
    let client = response.extensions().get::<ClientAddress>().map(|client| client.0);
    tracing::info!(
        target: "tollwarden::access",
        id = id.as_str(),
        %method,
        route = route.as_ref().map_or("none", MatchedPath::as_str),
        status = response.status().as_u16(),
        ms = start.elapsed().as_millis(),
        client = client.map(tracing::field::display),
    );
    response
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown")
}
