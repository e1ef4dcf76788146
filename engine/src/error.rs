//! What can go wrong.

use crate::import::ImportError;
use tokio::task::JoinError;

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or could not be reached.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A file brought in cannot be read on now.
    #[error("an import: {0}")]
    Import(ImportError),
    /// Files brought in cannot be looked through.
    #[error("an import: the spool: {0}")]
    Spool(std::io::Error),
    /// A report cannot be written.
    #[error("a report: {0}")]
    Report(std::io::Error),
    /// Other rules cannot be tried on the past now.
    #[error("rules tried on the past: others try theirs; ask again in a minute")]
    Busy,
    /// What was done beside it died.
    #[error("a thread ended: {0}")]
    Thread(#[from] JoinError),
}
