//! A request's body that is one small JSON object.

use super::body::{self, BodyFormat};
use crate::failure::Failure;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use domain::form::short;
use domain::{Fault, Invalid};
use http::HeaderMap;
use serde_json::{Map, Value};

/// The usual limit of an object, in bytes.
pub(super) const SMALL: usize = 16 << 10;

/// A body that is a JSON object of at most [`SMALL`] bytes; see [`read`].
pub(crate) struct Document(pub(crate) Map<String, Value>);

impl<S: Sync> FromRequest<S> for Document {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        Ok(Self(read(&parts.headers, body, SMALL).await?))
    }
}

/// Reads the object.
///
/// # Errors
/// 415 for another type or a compressed body, 413 if it is longer than `limit` bytes, 400 if it is
/// not JSON, 422 if it is not an object or has a name twice.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Map<String, Value>, Failure> {
    body::form(headers, &[("application/json", BodyFormat::Json)])?;
    body::check_plain(headers, "Content-Encoding must be absent")?;
    let too_large = || Failure::too_large(format!("a request here has at most {limit} bytes"));
    let bytes = body::text(body::bytes(body, limit, too_large).await?);
    body::check_depth(&bytes, 1)?;
    match domain::json::read(&bytes).map_err(|error| body::malformed(&error))? {
        (Value::Object(fields), None) => Ok(fields),
        (_, Some(name)) => {
            let words = "is given twice; give it once";
            Err(Invalid::one(&short(&name), Fault::Duplicate, words).into())
        }
        _ => Err(Invalid::one("", Fault::InvalidType, "must be a JSON object").into()),
    }
}
