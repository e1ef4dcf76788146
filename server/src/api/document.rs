//! A request's body that is one small JSON object.

use super::body::{self, Form};
use crate::problem::Problem;
use axum::body::Body;
use domain::form::short;
use domain::{Fault, Invalid};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

/// Bytes that most objects have at most.
pub(super) const SMALL: usize = 16 << 10;

/// Reads the object.
///
/// # Errors
/// 415 for another type or a compressed body, 413 when it is longer than `limit` bytes, 400 when
/// it is no JSON, 422 when it is no object or gives a name twice.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Map<String, Value>, Problem> {
    body::form(headers, &[("application/json", Form::Json)])?;
    body::check_plain(headers, "Content-Encoding must be absent")?;
    let too_large = || {
        let detail = format!("a request here has at most {limit} bytes");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, Fault::TooLargeBody, detail)
    };
    let bytes = body::text(body::bytes(body, limit, too_large).await?);
    body::check_depth(&bytes)?;
    match domain::json::read(&bytes).map_err(|error| body::malformed(&error))? {
        (Value::Object(fields), None) => Ok(fields),
        (_, Some(name)) => {
            let words = "stands twice; give it once";
            Err(Invalid::one(&short(&name), Fault::Duplicate, words).into())
        }
        _ => Err(Invalid::one("", Fault::InvalidType, "must be a JSON object").into()),
    }
}
