//! How each error of the engine and the store is answered.

use crate::api::block_answers::{BlockAnswer, BypassAnswer};
use crate::failure::Failure;
use domain::Fault;
use engine::QueueError;
use engine::audit::NoteError;
use engine::blocks::BlockError;
use engine::gate::NotDecided;
use engine::notify::RecipientError;
use engine::{live, reports};
use http::StatusCode;
use serde_json::json;
use std::error::Error;
use tower_sessions::session::Error as SessionError;

/// `Retry-After` while the database or the disk is unavailable, in seconds.
pub(crate) const AWAY: u64 = 5;
/// `Retry-After` while a queue is full, in seconds.
const SOON: u64 = 1;
/// `Retry-After` if no place for a live stream is left, in seconds.
const LATER: u64 = 10;

impl Failure {
    /// An error that is not the caller's fault. The log has it under a reference, and the caller
    /// gets only that. 503 if the database or the disk is unavailable, otherwise 500.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        let reference = logged(error, "request failed");
        if is_rotated(error) {
            let words = "this server's secret was rotated by another; its operator must restart it";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, Fault::StoreUnavailable, words);
        }
        if is_away(error) {
            let words = format!(
                "the database or the disk is not available; try again; the server's log says more \
                 under {reference}"
            );
            return Self::unavailable(Fault::StoreUnavailable, words, AWAY);
        }
        if let Some(store::Error::Contended) = of_store(error) {
            return Self::unavailable(Fault::StoreUnavailable, error.to_string(), SOON);
        }
        let words = format!(
            "something went wrong on the server; its log has the details under {reference}"
        );
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, words)
    }

    /// A report that failed before its first byte.
    pub(crate) fn unwritten(error: &(dyn Error + 'static)) -> Self {
        let reference = logged(error, "a report could not be written");
        let words = format!(
            "the report could not be written: the database or the disk is not available; try \
             again; the server's log says more under {reference}"
        );
        Self::unavailable(Fault::StoreUnavailable, words, AWAY)
    }
}

/// Logs an error; returns the reference to it.
fn logged(error: &(dyn Error + 'static), what: &str) -> String {
    let reference = store::random::uuid().simple().to_string();
    tracing::error!(error = store::with_sources(error), reference, "{what}");
    reference
}

/// Whether the database is under another secret now.
fn is_rotated(error: &(dyn Error + 'static)) -> bool {
    matches!(of_store(error), Some(store::Error::AnotherSecret))
        || error.source().is_some_and(is_rotated)
}

/// Whether the cause is the database or the disk rather than a bug.
fn is_away(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = of_store(error) {
        return error.is_away();
    }
    let full = error.downcast_ref::<std::io::Error>();
    full.is_some_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
        || error.source().is_some_and(is_away)
}

/// The store's error in an error of the engine.
fn of_store<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e store::Error> {
    if let Some(engine::Error::Store(error)) = error.downcast_ref() {
        return Some(error);
    }
    // Callers that wait for the same audit entry share its error.
    if let Some(NoteError::Store(error)) = error.downcast_ref() {
        return Some(error);
    }
    error.downcast_ref()
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<NoteError> for Failure {
    fn from(error: NoteError) -> Self {
        Self::internal(&error)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::internal(&error)
    }
}

impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        let words = error.to_string();
        match error {
            QueueError::Full => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, Fault::QueueFull, words).retry_after(SOON)
            }
            QueueError::Stopping => Self::unavailable(Fault::Stopping, words, AWAY),
            QueueError::Store(cause) => {
                tracing::error!(
                    error = store::with_sources(&*cause),
                    "a batch could not be written"
                );
                // The commit may have succeeded even so; the ids make a second try harmless.
                let words = "it could not be written; send it again under the same ids";
                Self::unavailable(Fault::StoreUnavailable, words, AWAY)
            }
        }
    }
}

impl From<BlockError> for Failure {
    fn from(error: BlockError) -> Self {
        let words = error.to_string();
        match error {
            BlockError::Invalid(invalid) => invalid.into(),
            BlockError::AlreadyBlocked(block) => {
                let words = format!("{} {words}; `extend` replaces that block", block.value);
                Self::new(StatusCode::CONFLICT, Fault::Duplicate, words)
                    .with("block", json!(BlockAnswer::from(*block)))
            }
            BlockError::Missing => Self::not_found("there is no active block with this id"),
            BlockError::AlreadyBypassed(bypass) => {
                let words = format!("{} {words}", bypass.value);
                Self::new(StatusCode::CONFLICT, Fault::Duplicate, words)
                    .with("bypass", json!(BypassAnswer::from(*bypass)))
            }
            BlockError::Store(error) => error.into(),
        }
    }
}

impl From<RecipientError> for Failure {
    fn from(error: RecipientError) -> Self {
        match error {
            RecipientError::Invalid(invalid) => invalid.into(),
            RecipientError::Missing => Self::not_found("there is no recipient with this id"),
            RecipientError::Store(error) => error.into(),
        }
    }
}

impl From<NotDecided> for Failure {
    fn from(refused: NotDecided) -> Self {
        match refused {
            // An invalid number alone has its own problem type.
            NotDecided::Invalid(invalid) => match invalid.fields.as_slice() {
                [one] if one.code == Fault::InvalidPhone => {
                    let words = format!("phone: {}", one.message);
                    Self::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::InvalidPhone, words)
                        .errors(invalid)
                }
                _ => invalid.into(),
            },
            NotDecided::Busy => Self::unavailable(
                Fault::StoreUnavailable,
                "the database is too slow at the moment; nothing was decided, try again in a second",
                SOON,
            ),
        }
    }
}

impl From<live::Full> for Failure {
    fn from(full: live::Full) -> Self {
        match full {
            live::Full::Account => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                Fault::RateLimited,
                "this account has too many live pages open; close one",
            )
            .retry_after(LATER),
            live::Full::All => Self::unavailable(
                Fault::QueueFull,
                "too many windows are watching; the page shows all the same what it is asked for",
                LATER,
            ),
            live::Full::Stopping => {
                Self::unavailable(Fault::Stopping, "the server is stopping", LATER)
            }
        }
    }
}

impl From<reports::NoFreeSlot> for Failure {
    fn from(full: reports::NoFreeSlot) -> Self {
        Self::unavailable(Fault::QueueFull, full.to_string(), AWAY)
    }
}

impl From<reports::NotStarted> for Failure {
    fn from(refused: reports::NotStarted) -> Self {
        match refused {
            reports::NotStarted::Invalid(invalid) => invalid.into(),
            reports::NotStarted::Store(error) => error.into(),
        }
    }
}
