//! A request's body that is one small JSON object.

use super::body::{self, Form};
use crate::problem::Problem;
use axum::body::Body;
use domain::{Fault, Invalid};
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value};

/// Characters of a name that is told.
const NAME: usize = 64;

/// Reads the object.
///
/// # Errors
/// 415 for another type or a compressed body, 413 when it is longer than `limit` bytes, 400 when
/// it is no JSON, 422 when it is no object or gives a name twice.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Map<String, Value>, Problem> {
    body::form(headers, &[("application/json", Form::Json)])?;
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes());
    if !matches!(encoding, None | Some(b"" | b"identity")) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Fault::UnsupportedType,
            "Content-Encoding must be absent",
        ));
    }
    let bytes = Limited::new(body, limit).collect().await.map_err(|error| {
        if is_limit(&*error) {
            let detail = format!("a request here has at most {limit} bytes");
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Fault::TooLargeBody, detail)
        } else {
            Problem::bad_request(Fault::Unreadable, "the body ended before it was whole")
        }
    })?;
    let bytes = body::text(bytes.to_bytes());
    body::check_depth(&bytes)?;
    let invalid = match domain::json::read(&bytes).map_err(|error| body::malformed(&error))? {
        (Value::Object(fields), None) => return Ok(fields),
        (_, Some(name)) => {
            let name: String = name.chars().take(NAME).collect();
            Invalid::one(&name, Fault::Duplicate, "stands twice; give it once")
        }
        _ => Invalid::one("", Fault::InvalidType, "must be a JSON object"),
    };
    Err(Problem::invalid(&invalid))
}

/// Whether a body was too long, for this reader or for the guard's before it.
fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_limit)
}
