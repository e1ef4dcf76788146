//! `POST /api/v1/b2c/validate-phone`: the gate as an API connector of Azure AD B2C (contract,
//! section 4).

use super::decisions::accept_language;
use super::document;
use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::gate::{DecisionRequest, Verdict};
use engine::Engine;
use engine::gate::NotDecided;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

/// The longest body, in bytes.
const LIMIT: usize = 64 << 10;
/// The version of the connector API, which every answer carries.
const VERSION: &str = "1.0.0";

/// An answer in the format of the connector API.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectorAnswer {
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_message: Option<String>,
    version: &'static str,
}

/// Decides about the number in a connector's claims. Answers in the connector API's format, also if
/// the claims cannot be read.
///
/// # Errors
/// 413 if the body is too long, 415 if it is not plain JSON.
pub(crate) async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let claims = match document::read(&headers, body, LIMIT).await {
        Ok(claims) => claims,
        // Not JSON, or not an object.
        Err(problem) if matches!(problem.status().as_u16(), 400 | 422) => {
            let words = problem.detail().trim_start_matches(": ");
            return Ok(wrong(&format!("The request could not be read: {words}.")));
        }
        Err(problem) => return Err(problem),
    };
    let rules = engine.gate.newest_rules().await;
    let b2c = &rules.settings().b2c;
    let Some(phone) = number(&claims, &b2c.phone_claim) else {
        return Ok(wrong(&format!("The claim {} contains no phone number.", b2c.phone_claim)));
    };
    let language = text(&claims, "ui_locales").unwrap_or_else(|| accept_language(&headers));
    let mut ask = DecisionRequest::new(phone, b2c.channel);
    // During a sign-up there is no object id yet.
    ask.user = text(&claims, "objectId").or_else(|| text(&claims, "email")).and_then(short);
    ask.flow = text(&claims, "policyId").and_then(short);
    ask.journey = text(&claims, "correlationId").filter(|id| id.len() <= 200).map(str::to_owned);
    ask.ip = text(&claims, "ipAddress").and_then(|ip| ip.parse().ok());
    let answered = match engine.gate.decide(caller.at_gate(), ask, language).await {
        Ok(answered) => answered,
        Err(NotDecided::Invalid(invalid)) => return Ok(wrong(&sentence(&invalid))),
        Err(busy) => return Err(busy.into()),
    };
    let (action, user_message) = match answered.decision.verdict {
        Verdict::Allow => ("Continue", None),
        // A connector cannot show a captcha, so a challenge is a refusal.
        Verdict::Challenge | Verdict::Delay | Verdict::Deny => {
            ("ShowBlockPage", Some(answered.user_message.text))
        }
    };
    Ok(Json(ConnectorAnswer { version: VERSION, status: None, action, user_message })
        .into_response())
}

/// The number in a claim: a text, or in a phone sign-up a list of identities, one of them of the
/// type `phoneNumber`.
fn number<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    let Some(Value::Array(identities)) = claims.get(name) else { return text(claims, name) };
    let mut identities = identities.iter().filter_map(Value::as_object);
    let phone = identities.find(|one| text(one, "signInType") == Some("phoneNumber"))?;
    text(phone, "issuerAssignedId")
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn short(text: &str) -> Option<String> {
    let fits = text.chars().count() <= 320 && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

/// The first error as a sentence, which the user sees next to the field.
fn sentence(invalid: &domain::Invalid) -> String {
    let message = invalid.fields.first().map_or("", |error| error.message.as_str());
    let mut letters = message.trim_end_matches('.').chars();
    let Some(first) = letters.next() else { return "This is not a phone number.".to_owned() };
    format!("{}{}.", first.to_uppercase(), letters.as_str())
}

fn wrong(message: &str) -> Response {
    let status = StatusCode::BAD_REQUEST;
    let answer = ConnectorAnswer {
        version: VERSION,
        status: Some(status.as_u16()),
        action: "ValidationError",
        user_message: Some(message.to_owned()),
    };
    (status, Json(answer)).into_response()
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn block_page_answer() -> impl Serialize {
        let user_message = Some("No.".to_owned());
        ConnectorAnswer { version: VERSION, status: None, action: "ShowBlockPage", user_message }
    }

    pub fn wrong() -> impl Serialize {
        let (action, user_message) = ("ValidationError", Some("No number.".to_owned()));
        ConnectorAnswer { version: VERSION, status: Some(400), action, user_message }
    }
}
