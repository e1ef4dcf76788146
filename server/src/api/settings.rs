//! `GET|PUT /api/v1/settings/{section}`: settings as documents with entity tags (contract, section
//! 6).

use super::document;
use crate::caller::Caller;
use crate::failure::Failure;
use crate::guard;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::Fault;
use domain::settings::{Kind, SECTIONS, section};
use engine::Engine;
use engine::settings::{self, Current, ExpectedVersion, SaveError};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

/// The longest document, in bytes.
const LIMIT: usize = 4 << 20;

/// Lists settings that can never match, one sentence per header. They are not in the document, so
/// that it can be sent back.
const WARNING: HeaderName = HeaderName::from_static("tollwarden-warning");

/// The section's settings, with their entity tag.
///
/// # Errors
/// 404 if there is no such section.
pub(crate) async fn get(
    State(engine): State<Engine>,
    Path(section): Path<String>,
) -> Result<Response, Failure> {
    let kind = known(&section)?;
    Ok(settings_response(&engine, kind, &settings::now(&engine.db, kind).await?).await)
}

/// Replaces the section's settings; missing members get their defaults.
///
/// # Errors
/// 404 if there is no such section, 428 without `If-Match`, 422 for invalid values, 412 with the
/// current document if it is another version.
pub(crate) async fn put(
    State(engine): State<Engine>,
    Path(section): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failure> {
    let kind = known(&section)?;
    let tags = Tags::of(&headers).ok_or_else(|| {
        Failure::new(
            StatusCode::PRECONDITION_REQUIRED,
            Fault::PreconditionRequired,
            "send the entity tag of the settings this changes as If-Match, or * for any",
        )
    })?;
    let new = Value::Object(document::read(&headers, body, LIMIT).await?);
    let seen = match tags {
        Tags::Any => ExpectedVersion::Any,
        Tags::Some(tags) => {
            let current = settings::now(&engine.db, kind).await?;
            // The engine refuses other tags, so that the audit log records it.
            let matches = tags.contains(&current.etag());
            if matches {
                ExpectedVersion::Version(current.version)
            } else {
                ExpectedVersion::Unknown
            }
        }
    };
    match settings::save_document(&engine.db, &caller.by(), kind, seen, new).await {
        Ok(saved) => match saved.current.first() {
            Some(current) => Ok(settings_response(&engine, kind, current).await),
            None => Ok(StatusCode::OK.into_response()),
        },
        Err(SaveError::Invalid(invalid)) => Err(invalid.into()),
        Err(SaveError::Store(error)) => Err(error.into()),
        // Never returned for keys; if it were, the answer is the console's.
        Err(SaveError::AskAgain) => Err(guard::ask_again()),
        Err(SaveError::Stale { current }) => {
            let mut response = Failure::new(
                StatusCode::PRECONDITION_FAILED,
                Fault::Stale,
                "these settings were changed in the meantime; `current` contains the current ones",
            )
            .with("current", current.settings.clone())
            .into_response();
            tag(&mut response, &current);
            Ok(response)
        }
    }
}

fn known(name: &str) -> Result<&'static Kind, Failure> {
    section(name).ok_or_else(|| {
        let names: Vec<&str> = SECTIONS.iter().map(|kind| kind.name).collect();
        let detail = format!("there are no such settings; there are {}", names.join(", "));
        Failure::not_found(detail)
    })
}

async fn settings_response(
    engine: &Engine,
    kind: &'static Kind,
    current: &Current<Value>,
) -> Response {
    let mut response = Json(&current.settings).into_response();
    tag(&mut response, current);
    for warning in settings::warnings(engine, kind, &current.settings).await {
        if let Ok(warning) = HeaderValue::from_str(&warning) {
            response.headers_mut().append(WARNING, warning);
        }
    }
    response
}

fn tag(response: &mut Response, current: &Current<Value>) {
    if let Ok(etag) = HeaderValue::from_str(&current.etag()) {
        response.headers_mut().insert(header::ETAG, etag);
    }
}

/// What `If-Match` names (RFC 9110, section 13.1.1).
enum Tags {
    Any,
    Some(Vec<String>),
}

impl Tags {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut tags = Vec::new();
        for line in headers.get_all(header::IF_MATCH) {
            // Our own tags have no commas; a tag that cannot be read matches nothing.
            let line = line.to_str().unwrap_or_default();
            tags.extend(line.split(',').map(|tag| tag.trim().to_owned()));
        }
        headers.contains_key(header::IF_MATCH).then(|| match tags.as_slice() {
            // Only alone; next to other tags it is not valid.
            [any] if any == "*" => Self::Any,
            _ => Self::Some(tags),
        })
    }
}
