//! `POST /api/v1/events`: events in our own shape (contract, section 3).

use super::body::{self, Form, Packed, Parsers};
use super::intake;
use super::records::{self, Record};
use crate::caller::Caller;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use domain::sources::{Read, Rejection, neutral};
use engine::Engine;
use http::HeaderMap;

/// Takes a batch and answers when it is durable.
///
/// # Errors
/// See the contract, section 3.
pub async fn post(
    State(engine): State<Engine>,
    State(parsers): State<Parsers>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form = body::form(
        &headers,
        &[("application/json", Form::Json), ("application/x-ndjson", Form::Lines)],
    )?;
    let packed = body::read(&headers, body).await?;
    let source = intake::source_of(&caller.key)?;
    let now = engine.clock().now();
    let read = move |record: Record<'_>| -> Result<Read, Rejection> {
        neutral::parse(record.bytes()?, &source, now).map(|event| Read::Event(Box::new(event)))
    };
    let parse = move |packed: &Packed| records::parse(packed, form, read);
    let records = parsers.run(packed, parse).await?;
    intake::take(&engine, &caller.key, records).await
}
