//! `POST /api/v1/sources/azure`: Microsoft's records in any of their formats.

use super::body::{self, BodyFormat, Packed, Parsers};
use super::intake;
use crate::caller::Caller;
use crate::failure::Failure;
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

/// Ingests a batch and answers after the commit. Records other than phone verifications are counted
/// as ignored.
///
/// # Errors
/// As for `POST /api/v1/events`; 400 if the body is not a log.
pub(crate) async fn post(
    State(engine): State<Engine>,
    State(parsers): State<Parsers>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let types = [
        ("application/json", BodyFormat::Json),
        ("application/x-ndjson", BodyFormat::Lines),
        ("text/csv", BodyFormat::Csv),
    ];
    let (form, packed) = body::receive(&headers, body, &types).await?;
    let now = engine.clock().now();
    let records = parsers.run(packed, move |packed| parse(packed, form, now)).await?;
    intake::take(&engine, &caller.key, records).await
}

/// Parses at most one batch of records.
fn parse(
    packed: &Packed,
    form: BodyFormat,
    now: DateTime<Utc>,
) -> Result<Vec<Result<Read, Rejection>>, Failure> {
    let records = read_azure_body(Box::new(packed.open(false)), now, intake::BATCH);
    if let Some(fault) = packed.fault() {
        return Err(fault);
    }
    match records {
        Err(BodyError::TooMany) => Err(intake::too_many()),
        records => {
            if form == BodyFormat::Json {
                check_document(packed)?;
            }
            records.map_err(|error| Failure::bad_request(Fault::Unreadable, error.to_string()))
        }
    }
}

/// Refuses a JSON body that is not one valid document. In NDJSON and CSV, single lines are rejected
/// instead.
fn check_document(packed: &Packed) -> Result<(), Failure> {
    let read = match packed.plain() {
        Some(bytes) => {
            body::check_depth(bytes, 1)?;
            serde_json::from_slice::<IgnoredAny>(bytes)
        }
        None => serde_json::from_reader(BufReader::new(packed.open(true))),
    };
    if let Some(fault) = packed.fault() {
        return Err(fault);
    }
    read.map(drop).map_err(|error| body::malformed(&error))
}
