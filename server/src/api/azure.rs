//! `POST /api/v1/sources/azure`: Microsoft's records in any of their shapes.

use super::body::{self, Form, Packed, Parsers};
use super::intake;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use domain::Fault;
use domain::sources::{Read, Rejection};
use engine::Engine;
use engine::import::{BodyError, read_azure_body};
use http::HeaderMap;
use serde::de::IgnoredAny;
use std::io::BufReader;

/// Takes a batch and answers when it is durable. Records that are no phone verification are
/// neither accepted nor rejected.
///
/// # Errors
/// As `POST /api/v1/events`; 400 when the body is no log.
pub async fn post(
    State(engine): State<Engine>,
    State(parsers): State<Parsers>,
    caller: Caller,
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
    let packed = body::read(&headers, body).await?;
    let now = engine.clock().now();
    let records = parsers.run(packed, move |packed| parse(packed, form, now)).await?;
    intake::take(&engine, &caller.key, records).await
}

/// The records, of which no more are looked at than a batch may have.
fn parse(
    packed: &Packed,
    form: Form,
    now: DateTime<Utc>,
) -> Result<Vec<Result<Read, Rejection>>, Problem> {
    let records = read_azure_body(Box::new(packed.open(false)), now, intake::BATCH);
    if let Some(fault) = packed.fault() {
        return Err(fault);
    }
    match records {
        Err(BodyError::TooMany) => Err(intake::too_many()),
        records => {
            if form == Form::Json {
                check_document(packed)?;
            }
            records.map_err(|error| Problem::bad_request(Fault::Unreadable, error.to_string()))
        }
    }
}

/// One document, as its type says; lines and tables have bad lines instead.
fn check_document(packed: &Packed) -> Result<(), Problem> {
    let read = match packed.plain() {
        Some(bytes) => {
            body::check_depth(bytes)?;
            serde_json::from_slice::<IgnoredAny>(bytes)
        }
        None => serde_json::from_reader(BufReader::new(packed.open(true))),
    };
    if let Some(fault) = packed.fault() {
        return Err(fault);
    }
    read.map(drop).map_err(|error| body::malformed(&error))
}
