//! Errors as RFC 9457 problem details (`application/problem+json`).

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::{Fault, Invalid};
use engine::QueueError;
use engine::audit::NoteError;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// An error answer: status, title, detail, and members of its own (RFC 9457, section 3.2).
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    fault: Fault,
    detail: String,
    members: Map<String, Value>,
    retry_after: Option<u64>,
}

impl Problem {
    /// A problem with a fault (its `type` is `urn:tollwarden:<fault>`) and a sentence that
    /// says what was wrong and what is allowed.
    pub fn new(status: StatusCode, fault: Fault, detail: impl Into<String>) -> Self {
        Self { status, fault, detail: detail.into(), members: Map::new(), retry_after: None }
    }

    /// 400.
    pub fn bad_request(fault: Fault, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, fault, detail)
    }

    /// 422: fields that cannot be read, each with its code and message.
    pub fn invalid(invalid: &Invalid) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::Invalid, invalid.to_string())
            .with("errors", json!(invalid.fields))
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What was wrong, and what is allowed.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Something that is not the caller's fault: logged whole under a reference, which is all the
    /// caller gets. 503 when the database or the disk cannot do its work now, else 500.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        let reference = store::random::uuid().simple().to_string();
        tracing::error!(error = store::whole(error), reference, "request failed");
        if is_rotated(error) {
            let words = "this server's secret was rotated by another; its operator has to start it \
                         again";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, Fault::StoreUnavailable, words);
        }
        if is_away(error) {
            let words = format!(
                "the database or the disk cannot do this now; try again; the server's log says \
                 more under {reference}"
            );
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Self::new(status, Fault::StoreUnavailable, words).retry_after(AWAY);
        }
        if let Some(store::Error::Contended) = of_store(error) {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return Self::new(status, Fault::StoreUnavailable, error.to_string()).retry_after(SOON);
        }
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            Fault::Internal,
            format!("something went wrong on the server; its log says what under {reference}"),
        )
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says when to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

/// Of events or a fraud report that were not taken.
impl From<QueueError> for Problem {
    fn from(error: QueueError) -> Self {
        let (full, away) = (StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE);
        let words = error.to_string();
        match error {
            QueueError::Full => Self::new(full, Fault::QueueFull, words).retry_after(SOON),
            QueueError::Stopping => Self::new(away, Fault::Stopping, words).retry_after(AWAY),
            QueueError::Store(cause) => {
                tracing::error!(error = store::whole(&*cause), "what came could not be written");
                // Whether its commit was kept is not always known; the ids make that harmless.
                let words = "it could not be written; send it again under the same ids";
                Self::new(away, Fault::StoreUnavailable, words).retry_after(AWAY)
            }
        }
    }
}

/// When to ask again while the database is away or the disk is full, in seconds.
pub(crate) const AWAY: u64 = 5;
/// The same where others have to be done first.
const SOON: u64 = 1;

/// Whether the store is under another secret by now.
fn is_rotated(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(of_store(error), Some(store::Error::AnotherSecret))
        || error.source().is_some_and(is_rotated)
}

/// Whether the cause is the database or the disk rather than a fault of ours.
fn is_away(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(error) = of_store(error) {
        return error.is_away();
    }
    let full = error.downcast_ref::<std::io::Error>();
    full.is_some_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
        || error.source().is_some_and(is_away)
}

/// The store's error that an error is.
fn of_store<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e store::Error> {
    if let Some(engine::Error::Store(error)) = error.downcast_ref() {
        return Some(error);
    }
    // Several wait for one entry, and share what became of it.
    if let Some(NoteError::Store(error)) = error.downcast_ref() {
        return Some(error);
    }
    error.downcast_ref()
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(&invalid)
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = self.members;
        body.insert("type".to_owned(), json!(format!("urn:tollwarden:{}", self.fault)));
        body.insert("title".to_owned(), json!(self.status.canonical_reason().unwrap_or("Error")));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("detail".to_owned(), json!(self.detail));
        let mut response = (self.status, Json(Value::Object(body))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
