//! `/api/v1/captcha`: challenges for an application's own page, and the check of their tokens
//! (contract, section 4).

use super::document::Document;
use crate::failure::Failure;
use axum::Json;
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use domain::captcha::{CaptchaError, Challenge, Question, Solved};
use domain::{Fault, Invalid};
use engine::Engine;
use serde::Serialize;

/// Whether a token is valid: until when, or why not.
#[derive(Debug, Default, Serialize)]
pub(crate) struct TokenAnswer {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl From<Result<Solved, CaptchaError>> for TokenAnswer {
    fn from(judged: Result<Solved, CaptchaError>) -> Self {
        match judged {
            Ok(solved) => Self { valid: true, expires: Some(solved.expires), ..Self::default() },
            Err(error) => {
                let (code, message) = (Some(error.fault()), Some(error.to_string()));
                Self { code, message, ..Self::default() }
            }
        }
    }
}

/// Issues a challenge for the number in `phone`, whose plus sign need not be escaped.
///
/// # Errors
/// 422 if there is no valid number.
pub(crate) async fn challenge(
    State(engine): State<Engine>,
    RawQuery(query): RawQuery,
) -> Result<Json<Challenge>, Failure> {
    let query = query.unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let phone = pairs.find(|(name, _)| name == "phone").map(|(_, value)| value);
    let phone = phone.ok_or_else(|| Invalid::one("phone", Fault::InvalidPhone, "is required"))?;
    // Decoding turned an unescaped plus sign into a space.
    let phone = match phone.strip_prefix(' ') {
        Some(digits) => format!("+{digits}"),
        None => phone.into_owned(),
    };
    Ok(Json(engine::captcha::issue(&engine.db, Question::phone(&phone)?)))
}

/// Checks a token for a number; `use` also spends it.
///
/// # Errors
/// 422 for invalid fields; see [`Document`] for the body.
pub(crate) async fn verify(
    State(engine): State<Engine>,
    Document(json): Document,
) -> Result<Json<TokenAnswer>, Failure> {
    let Question { phone, token, uses } = Question::read(&json)?;
    let judged = engine::captcha::verify(&engine.db, phone, &token, uses).await?;
    Ok(Json(judged.into()))
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn tokens() -> [TokenAnswer; 2] {
        let solved = Solved { id: uuid::Uuid::nil(), expires: DateTime::UNIX_EPOCH };
        [Ok(solved), Err(CaptchaError::Used)].map(TokenAnswer::from)
    }
}
