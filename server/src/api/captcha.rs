//! `/api/v1/captcha`: challenges for an application's own page, and tokens judged (contract,
//! section 4).

use super::document;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use chrono::SecondsFormat;
use domain::captcha::{CaptchaError, Challenge, Solved, TOKEN};
use domain::{Fault, Invalid, PhoneNumber};
use engine::Engine;
use http::HeaderMap;
use serde_json::{Map, Value, json};

/// Bytes of a body at most.
const LIMIT: usize = 16 << 10;
/// What a question about a token holds.
const FIELDS: [&str; 3] = ["phone", "token", "use"];

/// A challenge for the number of `phone`, whose plus sign may stand as it is.
///
/// # Errors
/// 422 without a number that can be read.
pub async fn challenge(
    State(engine): State<Engine>,
    RawQuery(query): RawQuery,
) -> Result<Json<Challenge>, Problem> {
    let query = query.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let phone = pairs.find(|(name, _)| name == "phone").map(|(_, value)| value);
    // In a form's encoding a plus sign is a space; before a number it was meant as it stands.
    let phone = phone.map(|text| match text.strip_prefix(' ') {
        Some(digits) => format!("+{digits}"),
        None => text.into_owned(),
    });
    let mut invalid = Invalid::default();
    let phone = read_phone(phone.as_deref(), &mut invalid);
    let phone = whole(phone, invalid)?;
    Ok(Json(engine::captcha::issue(&engine.db, phone)))
}

/// Says whether a token proves work done for a number; with `use` true it is used up as well.
///
/// # Errors
/// 422 for fields that cannot be read, see [`document::read`] for the body.
pub async fn verify(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let fields = document::read(&headers, body, LIMIT).await?;
    let Question { phone, token, uses } = Question::read(&fields)?;
    let judged = match uses {
        true => engine::captcha::use_up(&engine.db, phone, &token).await,
        false => engine::captcha::look(&engine.db, phone, &token).await,
    };
    Ok(Json(told(judged.map_err(|error| Problem::internal(&error))?)))
}

fn told(judged: Result<Solved, CaptchaError>) -> Value {
    match judged {
        Ok(solved) => {
            let expires = solved.expires.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            json!({ "valid": true, "expires": expires })
        }
        Err(error) => {
            json!({ "valid": false, "code": error.fault(), "message": error.to_string() })
        }
    }
}

/// What is asked of a token.
struct Question {
    phone: PhoneNumber,
    token: String,
    uses: bool,
}

impl Question {
    fn read(fields: &Map<String, Value>) -> Result<Self, Problem> {
        let mut invalid = Invalid::default();
        for name in fields.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
            let name: String = name.chars().take(64).collect();
            let message = format!("is not a field here; the fields are {}", FIELDS.join(", "));
            invalid.push(&name, Fault::UnknownField, message);
        }
        let phone = match fields.get("phone") {
            Some(Value::String(_)) | None => {
                read_phone(fields.get("phone").and_then(Value::as_str), &mut invalid)
            }
            Some(_) => {
                invalid.push("phone", Fault::InvalidType, "must be a string");
                None
            }
        };
        let token = match fields.get("token") {
            Some(Value::String(token)) if token.len() > TOKEN => {
                invalid.push("token", Fault::TooLong, format!("has more than {TOKEN} bytes"));
                None
            }
            Some(Value::String(token)) if !token.trim().is_empty() => Some(token.clone()),
            Some(Value::String(_)) | None => {
                invalid.push("token", Fault::Required, "is required");
                None
            }
            Some(_) => {
                invalid.push("token", Fault::InvalidType, "must be a string");
                None
            }
        };
        let uses = match fields.get("use") {
            None => Some(false),
            Some(Value::Bool(uses)) => Some(*uses),
            Some(_) => {
                invalid.push("use", Fault::InvalidType, "must be true or false");
                None
            }
        };
        let question = phone.zip(token).zip(uses);
        let ((phone, token), uses) = whole(question, invalid)?;
        Ok(Self { phone, token, uses })
    }
}

fn read_phone(text: Option<&str>, invalid: &mut Invalid) -> Option<PhoneNumber> {
    let Some(text) = text else {
        invalid.push("phone", Fault::InvalidPhone, "is required");
        return None;
    };
    match text.parse::<PhoneNumber>() {
        Ok(phone) => Some(phone),
        Err(error) => {
            invalid.push("phone", Fault::InvalidPhone, error.to_string());
            None
        }
    }
}

/// What was read, if nothing was wrong.
fn whole<T>(read: Option<T>, invalid: Invalid) -> Result<T, Problem> {
    match (read, invalid.or(())) {
        (Some(read), Ok(())) => Ok(read),
        (_, Err(invalid)) => Err(Problem::invalid(&invalid)),
        // Nothing read and nothing wrong: cannot be, and is refused all the same.
        (None, Ok(())) => Err(Problem::invalid(&Invalid::one("", Fault::Required, "is required"))),
    }
}
