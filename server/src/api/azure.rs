//! `POST /api/v1/sources/azure`: Microsoft's records in any of their shapes.

use super::body::{self, Form};
use super::intake;
use crate::problem::Problem;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use engine::Engine;
use engine::import::read_azure_body;
use engine::keys::KeyHolder;
use http::HeaderMap;
use serde::de::IgnoredAny;

/// Takes a batch and answers when it is durable. Records that are no phone verification are
/// neither accepted nor rejected.
///
/// # Errors
/// As `POST /api/v1/events`; 400 when the body is no log.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form = body::form(
        &headers,
        &[
            ("application/json", Form::Json),
            ("application/x-ndjson", Form::Lines),
            ("text/csv", Form::Csv),
        ],
    )?;
    let bytes = body::read(&headers, body).await?;
    if form == Form::Json {
        body::check_depth(&bytes)?;
        // One document, as its type says; lines and tables have bad lines instead.
        serde_json::from_slice::<IgnoredAny>(&bytes).map_err(|error| body::malformed(&error))?;
    }
    let now = engine.clock().now();
    let records = read_azure_body(bytes, now)
        .map_err(|error| Problem::bad_request("not_a_log", error.to_string()))?;
    intake::check_count(records.len())?;
    intake::take(&engine, &key, records).await
}
