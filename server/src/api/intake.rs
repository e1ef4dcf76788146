//! What the endpoints for events share: the limit on a batch, and the answer.

use crate::failure::Failure;
use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::sources::{IgnoredKinds, Read, Rejection};
use domain::{Event, Fault, Source};
use engine::Engine;
use engine::counters;
use engine::ingest::Via;
use engine::keys::KeyHolder;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

/// The most events in one batch (contract, section 3).
pub(super) const BATCH: usize = 10_000;

/// The answer to a batch.
#[derive(Debug, Serialize)]
struct IntakeAnswer {
    accepted: u64,
    enriched: u64,
    duplicates: u64,
    ignored: u64,
    ignored_kinds: IgnoredKinds,
    rejected: Vec<RejectedRecord>,
}

/// A rejected record; `index` is its position in the batch.
#[derive(Debug, Serialize)]
struct RejectedRecord {
    index: usize,
    #[serde(flatten)]
    why: Rejection,
}

/// The source of events that name none: the key's name.
///
/// # Errors
/// 400 if the key's name is not a valid source, which newer keys cannot have.
pub(super) fn source_of(key: &KeyHolder) -> Result<Source, Failure> {
    key.name.as_str().parse().map_err(|message: &str| {
        Failure::bad_request(Fault::InvalidValue, format!("the key's name as source: {message}"))
    })
}

/// 413 for a batch with too many records.
pub(super) fn too_many() -> Failure {
    Failure::too_large(format!("at most {BATCH} records are allowed in one batch"))
}

/// Writes the valid records and answers for the whole batch.
///
/// # Errors
/// 429 if too many events are waiting, 503 if the store cannot be reached.
pub(super) async fn take(
    engine: &Engine,
    key: &KeyHolder,
    records: Vec<Result<Read, Rejection>>,
) -> Result<Response, Failure> {
    let source = source_of(key)?;
    let count = records.len();
    let mut events: Vec<Event> = Vec::with_capacity(count);
    let mut rejected = Vec::new();
    let mut ignored_kinds = IgnoredKinds::default();
    for (index, record) in records.into_iter().enumerate() {
        match record {
            Ok(Read::Event(event)) if !key.may_write(&event.source) => {
                rejected.push(RejectedRecord { index, why: not_allowed(key, &event) });
            }
            Ok(Read::Event(event)) => events.push(*event),
            Ok(Read::Ignored(kind)) => ignored_kinds.add(&kind),
            Err(why) => rejected.push(RejectedRecord { index, why }),
        }
    }
    let refused = (!rejected.is_empty()).then_some((source, rejected.len() as u64));
    counters::EVENTS_REJECTED.add(rejected.len() as u64);
    let counts = engine.ingest.submit_with(events, Via::Api, refused, key.marks).await?;
    let answer = IntakeAnswer {
        accepted: counts.accepted,
        enriched: counts.enriched,
        duplicates: counts.duplicates,
        ignored: ignored_kinds.total(),
        ignored_kinds,
        rejected,
    };
    if count > 0 && answer.rejected.len() == count {
        return Ok(Failure::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            Fault::Invalid,
            "no record of the batch was accepted; `rejected` gives the reason for each",
        )
        .with("accepted", 0)
        .with("enriched", 0)
        .with("duplicates", 0)
        .with("ignored", 0)
        .with("rejected", json!(answer.rejected))
        .into_response());
    }
    Ok(Json(answer).into_response())
}

/// The rejection of an event whose source the key may not write.
fn not_allowed(key: &KeyHolder, event: &Event) -> Rejection {
    let message = format!(
        "the key {} may not write events of the source {}; it may write its own name's and those \
         of the sources that are listed at it",
        key.name, event.source
    );
    Rejection::new(Fault::SourceNotAllowed, "source", message)
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn taken() -> impl Serialize {
        let why = Rejection::new(Fault::Required, "id", "is required");
        IntakeAnswer {
            accepted: 1,
            enriched: 0,
            duplicates: 0,
            ignored: 0,
            ignored_kinds: IgnoredKinds::default(),
            rejected: vec![RejectedRecord { index: 0, why }],
        }
    }
}
