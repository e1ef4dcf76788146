//! The engine's error types.

use crate::import::ImportError;
use domain::Invalid;
use tokio::task::JoinError;

/// Errors of the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed or is unreachable.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A running import of a file cannot continue now.
    #[error("an import: {0}")]
    Import(#[source] ImportError),
    /// The spool of imported files cannot be examined.
    #[error("an import: the spool: {0}")]
    Spool(#[source] std::io::Error),
    /// A report cannot be written.
    #[error("a report: {0}")]
    Report(#[source] std::io::Error),
    /// Too many replays are waiting already.
    #[error("too many rules are being checked against the past; try again in a minute")]
    Busy,
    /// A background task panicked.
    #[error("a thread ended: {0}")]
    Thread(#[from] JoinError),
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The input is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Nothing has this id, or not what is asked for.
    #[error("there is no such entry, or it has no number")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}
