//! `POST /api/v1/events`: events in our own shape (contract, section 3).

use super::body::{self, Form};
use super::intake;
use crate::problem::Problem;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use domain::sources::{Read, Rejection, neutral};
use engine::Engine;
use engine::keys::KeyHolder;
use http::HeaderMap;
use serde_json::value::RawValue;

/// Bytes of one record at most (contract, section 3).
const RECORD: usize = 64 << 10;

/// Takes a batch and answers when it is durable.
///
/// # Errors
/// See the contract, section 3.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let form = body::form(
        &headers,
        &[("application/json", Form::Json), ("application/x-ndjson", Form::Lines)],
    )?;
    let bytes = body::read(&headers, body).await?;
    let source = intake::source_of(&key)?;
    let now = engine.clock().now();
    let parse = |record: &[u8]| -> Result<Read, Rejection> {
        if record.len() > RECORD {
            return Err(Rejection::new(
                "too_long",
                "",
                format!("the record is {} bytes long; at most 65536 are allowed", record.len()),
            ));
        }
        neutral::parse(record, &source, now).map(|event| Read::Event(Box::new(event)))
    };
    let records: Vec<Result<Read, Rejection>> = match form {
        Form::Lines => lines(&bytes)?.into_iter().map(parse).collect(),
        _ => documents(&bytes)?.into_iter().map(|raw| parse(raw.get().as_bytes())).collect(),
    };
    intake::take(&engine, &key, records).await
}

/// The lines that are not blank.
fn lines(bytes: &[u8]) -> Result<Vec<&[u8]>, Problem> {
    let lines: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect();
    intake::check_count(lines.len())?;
    for line in &lines {
        body::check_depth(line)?;
    }
    Ok(lines)
}

/// The documents of a JSON body: its one object, or the elements of its array.
fn documents(bytes: &[u8]) -> Result<Vec<&RawValue>, Problem> {
    body::check_depth(bytes)?;
    let array = bytes.trim_ascii_start().first() == Some(&b'[');
    let documents: Vec<&RawValue> = if array {
        serde_json::from_slice(bytes).map_err(|error| body::malformed(&error))?
    } else {
        vec![serde_json::from_slice(bytes).map_err(|error| body::malformed(&error))?]
    };
    intake::check_count(documents.len())?;
    Ok(documents)
}
