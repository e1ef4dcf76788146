//! `/api/v1/captcha`: challenges for an application's own page, and tokens judged (contract,
//! section 4).

use super::document;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use chrono::{DateTime, Utc};
use domain::captcha::{CaptchaError, Challenge, Question, Solved};
use domain::{Fault, Invalid};
use engine::Engine;
use http::HeaderMap;
use serde::Serialize;

/// What a token proves, or why it proves nothing.
#[derive(Debug, Default, Serialize)]
pub struct TokenAnswer {
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
    let phone = phone.ok_or_else(|| Invalid::one("phone", Fault::InvalidPhone, "is required"))?;
    // In a form's encoding a plus sign is a space; before a number it was meant as it stands.
    let phone = match phone.strip_prefix(' ') {
        Some(digits) => format!("+{digits}"),
        None => phone.into_owned(),
    };
    Ok(Json(engine::captcha::issue(&engine.db, Question::phone(&phone)?)))
}

/// Says whether a token proves work done for a number; with `use` true it is used up as well.
///
/// # Errors
/// 422 for fields that cannot be read, see [`document::read`] for the body.
pub async fn verify(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<TokenAnswer>, Problem> {
    let json = document::read(&headers, body, document::SMALL).await?;
    let Question { phone, token, uses } = Question::read(&json)?;
    let judged = engine::captcha::verify(&engine.db, phone, &token, uses).await?;
    Ok(Json(judged.into()))
}

/// Answers with every member that there can be, for the description of the API.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn tokens() -> [TokenAnswer; 2] {
        let solved = Solved { id: uuid::Uuid::nil(), expires: DateTime::UNIX_EPOCH };
        [Ok(solved), Err(CaptchaError::Used)].map(TokenAnswer::from)
    }
}
