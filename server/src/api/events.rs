//! `POST /api/v1/events`: events in our own format (contract, section 3).

use super::body::{self, BodyFormat, Packed, Parsers};
use super::intake;
use super::records::{self, Record};
use crate::caller::Caller;
use crate::failure::Failure;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use domain::sources::{Read, Rejection, neutral};
use engine::Engine;
use http::HeaderMap;

/// Ingests a batch and answers after the commit.
///
/// # Errors
/// 400 if the body cannot be read, 413 if the batch is too large, 415 for another type or
/// compression; see also [`intake::take`].
pub(crate) async fn post(
    State(engine): State<Engine>,
    State(parsers): State<Parsers>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let types =
        [("application/json", BodyFormat::Json), ("application/x-ndjson", BodyFormat::Lines)];
    let (form, packed) = body::receive(&headers, body, &types).await?;
    let source = intake::source_of(&caller.key)?;
    let now = engine.clock().now();
    let read = move |record: Record<'_>| -> Result<Read, Rejection> {
        neutral::parse(record.bytes()?, &source, now).map(|event| Read::Event(Box::new(event)))
    };
    let parse = move |packed: &Packed| records::parse(packed, form, read);
    let records = parsers.run(packed, parse).await?;
    intake::take(&engine, &caller.key, records).await
}
