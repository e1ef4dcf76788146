//! Errors that stop an import.

use crate::QueueError;
use std::sync::Arc;

/// Why an import stopped early. What was committed before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("{file}: cannot be opened: {cause}")]
    Open {
        /// Name of the file, as in rejections.
        file: Arc<str>,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The file breaks off: a disk error, or gzip data that ends early.
    #[error("{file}:{line}: {what}; records before this line are kept")]
    Broken {
        /// Name of the file, as in rejections.
        file: Arc<str>,
        /// The line that was reached, from 1.
        line: u64,
        /// What happened, in words.
        what: String,
    },
    /// The file is not a log.
    #[error("{file}: {what}")]
    NotALog {
        /// Name of the file, as in rejections.
        file: Arc<str>,
        /// What it is instead, in words.
        what: String,
    },
    /// The store did not accept a batch.
    #[error("{0}")]
    Ingest(#[from] QueueError),
    /// The reading thread could not be started, or panicked.
    #[error("the reading thread ended: {0}")]
    Thread(String),
}
