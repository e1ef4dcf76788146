//! `POST /api/v1/decisions`: whether a code may go out, and why (contract, section 4).

use super::document;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::{Extension, Json};
use domain::Fault;
use domain::gate::{Ask, Why};
use domain::workbook::Sight;
use engine::Engine;
use engine::accounts::ClientAddress;
use engine::gate::{Answered, Caller, Refused};
use engine::keys::KeyHolder;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

/// Bytes of a question at most.
const LIMIT: usize = 16 << 10;

/// How it is asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    dry_run: bool,
}

/// Decides; with `?dry_run=true` nothing is recorded.
///
/// # Errors
/// See the contract, section 4.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    options: Result<Query<Options>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let Query(options) = options.map_err(|_| {
        let words = "must be true or false; there is no other parameter";
        Problem::invalid(&domain::Invalid::one("dry_run", Fault::InvalidChoice, words))
    })?;
    let sight = Sight::of_scopes(&key.scopes);
    let fields = document::read(&headers, body, LIMIT).await?;
    let ask = Ask::read(&fields, options.dry_run, engine.clock().now()).map_err(invalid)?;
    let accept = accept_language(&headers);
    let notes = ask.notes.clone();
    let answered = if options.dry_run {
        engine.gate.dry_run(ask, accept).await.map_err(Refused::from)
    } else {
        engine.gate.decide(Caller { key: key.name, from }, ask, accept).await
    };
    let mut answer = told(&answered.map_err(refused)?, sight);
    if !notes.is_empty() {
        answer["notes"] = json!(notes);
    }
    Ok(Json(answer))
}

/// The languages that the caller passes on from its user.
pub(super) fn accept_language(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Why there is no decision.
pub(super) fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Invalid(wrong) => invalid(wrong),
        Refused::Busy => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Fault::StoreUnavailable,
            "the database is too slow just now; nothing was decided, ask again in a second",
        )
        .retry_after(1),
    }
}

/// A number that is none has a problem of its own.
fn invalid(invalid: domain::Invalid) -> Problem {
    match invalid.fields.as_slice() {
        [one] if one.code == Fault::InvalidPhone => {
            let detail = format!("phone: {}", one.message);
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::InvalidPhone, detail)
                .with("errors", json!(invalid.fields))
        }
        _ => Problem::invalid(&invalid),
    }
}

/// What people wrote as their reasons may hold numbers, of others too.
fn told(answered: &Answered, sight: Sight) -> Value {
    let decision = &answered.decision;
    let seen = |why: &Why| Why { message: sight.said(&why.message), ..why.clone() };
    let reasons: Vec<Why> = decision.reasons.iter().map(seen).collect();
    json!({
        "id": answered.id.map(|id| id.to_string()),
        "journey": answered.journey,
        "verdict": decision.verdict,
        "retry_after": decision.retry_after,
        "alternatives": decision.alternatives,
        "phone": answered.phone,
        "reasons": reasons,
        "shadow": decision.shadow,
        "user_message": answered.user_message.text,
    })
}
