//! `/api/v1/recipients`: whom alerts reach (contract, section 6).

use super::document;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::audit::By;
use domain::notify::{AlertKind, Reach};
use domain::{Fault, Invalid};
use engine::Engine;
use engine::accounts::ClientAddress;
use engine::keys::KeyHolder;
use engine::notify::{Change, New, RecipientError};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use store::recipients::Row;
use uuid::Uuid;

/// Bytes of a body at most.
const LIMIT: usize = 16 << 10;

/// Every recipient, the first added first. Secrets are never among the answers.
///
/// # Errors
/// When the store refuses.
pub async fn list(State(engine): State<Engine>) -> Result<Json<Value>, Problem> {
    let rows = store::recipients::list(engine.db.read()).await;
    let rows = rows.map_err(|error| Problem::internal(&error))?;
    Ok(Json(json!({ "recipients": rows.iter().map(shown).collect::<Vec<_>>() })))
}

/// Adds a recipient. A webhook's secret is in this answer and in no other.
///
/// # Errors
/// 422 for what cannot be read, an address that is taken, or one that may not be reached.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let fields = document::read(&headers, body, LIMIT).await?;
    let new = new(&fields).map_err(|invalid| Problem::invalid(&invalid))?;
    let by = By::key(&key.name, from);
    let (row, secret) = engine.notify.add(&by, new).await.map_err(refusal)?;
    let mut answer = shown(&row);
    if let Some(secret) = secret {
        answer["secret"] = json!(secret.reveal());
    }
    Ok((StatusCode::CREATED, Json(answer)))
}

/// Changes which alerts a recipient gets, pauses or resumes it.
///
/// # Errors
/// 404, 422.
pub async fn patch(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let fields = document::read(&headers, body, LIMIT).await?;
    let change = change(&fields).map_err(|invalid| Problem::invalid(&invalid))?;
    let by = By::key(&key.name, from);
    let row = engine.notify.change(&by, read(&id)?, change).await.map_err(refusal)?;
    Ok(Json(shown(&row)))
}

/// Removes a recipient; what waits for it is not sent.
///
/// # Errors
/// 404.
pub async fn delete(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let by = By::key(&key.name, from);
    engine.notify.remove(&by, read(&id)?).await.map_err(refusal)?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(row: &Row) -> Value {
    json!({
        "id": row.id,
        "kind": row.kind,
        "address": row.address,
        "events": row.events,
        "paused": row.paused,
        "stopped": row.stopped,
        "created": row.created,
        "created_by": row.created_by,
    })
}

fn new(fields: &Map<String, Value>) -> Result<New, Invalid> {
    let mut invalid = unknown(fields, &["kind", "address", "events"]);
    let kind = text(fields, "kind", &mut invalid);
    let kind: Option<Reach> = match kind.parse() {
        Ok(kind) => Some(kind),
        Err(words) if invalid.of("kind").is_none() => {
            let fault = if kind.is_empty() { Fault::Required } else { Fault::InvalidChoice };
            let words: String = words;
            invalid.push("kind", fault, words);
            None
        }
        Err(_) => None,
    };
    let address = text(fields, "address", &mut invalid);
    if address.is_empty() && invalid.of("address").is_none() {
        invalid.push("address", Fault::Required, "must be an e-mail address or a webhook's URL");
    }
    let events = events(fields, &mut invalid);
    let address = address.to_owned();
    invalid.or(())?;
    // Without a kind there was an error.
    let kind = kind.unwrap_or(Reach::Email);
    Ok(New { kind, address, events })
}

fn change(fields: &Map<String, Value>) -> Result<Change, Invalid> {
    let mut invalid = unknown(fields, &["events", "paused"]);
    let events = events(fields, &mut invalid);
    let paused = match fields.get("paused") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(paused)) => Some(*paused),
        Some(_) => {
            invalid.push("paused", Fault::InvalidType, "must be true or false");
            None
        }
    };
    invalid.or(Change { events, paused })
}

/// A text; empty when it is absent or null.
fn text<'a>(fields: &'a Map<String, Value>, name: &str, invalid: &mut Invalid) -> &'a str {
    match fields.get(name) {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => {
            invalid.push(name, Fault::InvalidType, "must be a string");
            ""
        }
    }
}

/// The kinds of alert; nothing when the field is absent.
fn events(fields: &Map<String, Value>, invalid: &mut Invalid) -> Option<Vec<AlertKind>> {
    let field = fields.get("events").filter(|value| !value.is_null())?;
    let words = field.as_array().into_iter().flatten();
    let kinds: Option<Vec<AlertKind>> = words.map(|word| word.as_str()?.parse().ok()).collect();
    if field.is_array() && kinds.is_some() {
        return kinds;
    }
    let fault = if field.is_array() { Fault::InvalidChoice } else { Fault::InvalidType };
    let known: Vec<_> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let words = format!("must be a list of some of {}", known.join(", "));
    invalid.push("events", fault, words);
    None
}

fn unknown(fields: &Map<String, Value>, known: &[&str]) -> Invalid {
    let mut invalid = Invalid::default();
    for name in fields.keys().filter(|name| !known.contains(&name.as_str())) {
        let words = format!("is not known; these are: {}", known.join(", "));
        invalid.push(name, Fault::UnknownField, words);
    }
    invalid
}

fn read(id: &str) -> Result<Uuid, Problem> {
    id.parse().map_err(|_| refusal(RecipientError::Unknown))
}

fn refusal(error: RecipientError) -> Problem {
    match error {
        RecipientError::Invalid(invalid) => Problem::invalid(&invalid),
        RecipientError::Unknown => {
            Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, "there is no recipient of this id")
        }
        RecipientError::Store(error) => Problem::internal(&error),
    }
}
