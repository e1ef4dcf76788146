//! `POST /api/v1/decisions`: whether a code may go out, and why (contract, section 4).

use super::document;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use domain::gate::{Ask, Note, Verdict, Why};
use domain::numbers::NumberFacts;
use domain::workbook::Sight;
use domain::{Channel, Fault, Invalid};
use engine::Engine;
use engine::gate::{Answered, Refused};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A decision, as it is answered. Without `Debug`: whole numbers never reach logs.
#[derive(Serialize)]
pub struct DecisionAnswer {
    id: Option<String>,
    journey: String,
    verdict: Verdict,
    retry_after: Option<u32>,
    alternatives: Vec<Channel>,
    phone: NumberFacts,
    reasons: Vec<Why>,
    shadow: Verdict,
    user_message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
}

impl DecisionAnswer {
    /// What people wrote as their reasons may hold numbers, of others too.
    fn of(answered: Answered, notes: Vec<Note>, sight: Sight) -> Self {
        let decision = answered.decision;
        let seen = |why: Why| Why { message: sight.said(&why.message), ..why };
        Self {
            id: answered.id.map(|id| id.to_string()),
            journey: answered.journey,
            verdict: decision.verdict,
            retry_after: decision.retry_after,
            alternatives: decision.alternatives,
            phone: answered.phone,
            reasons: decision.reasons.into_iter().map(seen).collect(),
            shadow: decision.shadow,
            user_message: answered.user_message.text,
            notes,
        }
    }
}

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
    caller: Caller,
    options: Result<Query<Options>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DecisionAnswer>, Problem> {
    let Query(options) = options.map_err(|_| {
        let words = "must be true or false; there is no other parameter";
        Invalid::one("dry_run", Fault::InvalidChoice, words)
    })?;
    let json = document::read(&headers, body, document::SMALL).await?;
    let ask = Ask::read(&json, options.dry_run, engine.clock().now()).map_err(invalid)?;
    let accept = accept_language(&headers);
    let (notes, sight) = (ask.notes.clone(), caller.sight());
    let answered = if options.dry_run {
        engine.gate.dry_run(ask, accept).await.map_err(Refused::from)
    } else {
        engine.gate.decide(caller.at_gate(), ask, accept).await
    };
    Ok(Json(DecisionAnswer::of(answered.map_err(refused)?, notes, sight)))
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
fn invalid(invalid: Invalid) -> Problem {
    match invalid.fields.as_slice() {
        [one] if one.code == Fault::InvalidPhone => {
            let detail = format!("phone: {}", one.message);
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::InvalidPhone, detail)
                .with("errors", json!(invalid.fields))
        }
        _ => invalid.into(),
    }
}

/// Answers with every member that there can be, for the description of the API.
#[cfg(test)]
pub(super) mod samples {
    use super::*;
    use domain::gate::{Code, Quantity};
    use domain::numbers::NumberType;
    use domain::rules::Mode;

    pub fn decision() -> DecisionAnswer {
        DecisionAnswer {
            id: None,
            journey: "5f0c".to_owned(),
            verdict: Verdict::Delay,
            retry_after: Some(60),
            alternatives: vec![Channel::Voice],
            phone: NumberFacts {
                phone: "+14155550100".parse().unwrap(),
                region: "US".parse().unwrap(),
                calling_code: 1,
                kind: NumberType::Mobile,
                valid: true,
            },
            reasons: vec![Why {
                code: Code::LimitNumber,
                rule: "5 per 10 min per number".to_owned(),
                mode: Mode::Enforce,
                observed: Some(Quantity::Count(6)),
                limit: Some(Quantity::Count(5)),
                window: Some(600),
                message: "6 codes in 10 minutes".to_owned(),
            }],
            shadow: Verdict::Deny,
            user_message: "Wait a minute.".to_owned(),
            notes: vec![Note::IpUnreadable],
        }
    }
}
