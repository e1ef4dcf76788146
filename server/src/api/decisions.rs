//! `POST /api/v1/decisions`: whether a code may go out, and why (contract, section 4).

use super::document;
use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use domain::gate::{DecisionRequest, Note, ReasonEntry, Verdict};
use domain::numbers::NumberFacts;
use domain::workbook::Sight;
use domain::{Channel, Fault, Invalid};
use engine::Engine;
use engine::gate::{GateAnswer, NotDecided};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};

/// Has no `Debug`, so that whole numbers never reach logs.
#[derive(Serialize)]
pub(crate) struct DecisionAnswer {
    id: Option<String>,
    journey: String,
    verdict: Verdict,
    retry_after: Option<u32>,
    alternatives: Vec<Channel>,
    phone: NumberFacts,
    reasons: Vec<ReasonEntry>,
    shadow: Verdict,
    user_message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Note>,
}

impl DecisionAnswer {
    /// Masks the reasons: people may have written numbers into them.
    fn of(answered: GateAnswer, notes: Vec<Note>, sight: Sight) -> Self {
        let decision = answered.decision;
        let seen =
            |why: ReasonEntry| ReasonEntry { message: sight.text_owned(&why.message), ..why };
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

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    dry_run: bool,
}

/// Decides; with `?dry_run=true` nothing is recorded.
///
/// # Errors
/// 422 for invalid fields, 503 if the store is too slow; see [`document::read`] for the body.
pub(crate) async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    options: Result<Query<Options>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DecisionAnswer>, Failure> {
    let Query(options) = options.map_err(|_| {
        let words = "must be true or false; there is no other parameter";
        Invalid::one("dry_run", Fault::InvalidChoice, words)
    })?;
    let json = document::read(&headers, body, document::SMALL).await?;
    let ask = DecisionRequest::read(&json, options.dry_run, engine.clock().now())
        .map_err(NotDecided::from)?;
    let accept = accept_language(&headers);
    let (notes, sight) = (ask.notes.clone(), caller.sight());
    let answered = if options.dry_run {
        engine.gate.dry_run(ask, accept).await.map_err(NotDecided::from)
    } else {
        engine.gate.decide(caller.at_gate(), ask, accept).await
    };
    Ok(Json(DecisionAnswer::of(answered?, notes, sight)))
}

/// The user's languages, as the caller passes them on.
pub(super) fn accept_language(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Answers with all optional members, for the test against the API's description.
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
            reasons: vec![ReasonEntry {
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
