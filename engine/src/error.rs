//! What can go wrong.

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or could not be reached.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A file brought in cannot be read on now.
    #[error("an import: {0}")]
    Import(String),
    /// A report cannot be written.
    #[error("a report: {0}")]
    Report(String),
    /// Other rules cannot be tried on the past now.
    #[error("rules tried on the past: {0}")]
    Replay(String),
}
