//! Why a log was not read to its end.

use crate::QueueError;
use std::sync::Arc;

/// Why a log was not read to its end. What was committed before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It cannot be opened.
    #[error("{file}: cannot be opened: {cause}")]
    Open {
        /// The file.
        file: Arc<str>,
        /// Why.
        cause: std::io::Error,
    },
    /// It breaks off: a disk's error, or gzip data that ends too early.
    #[error("{file}:{line}: {what}; records before this line are kept")]
    Broken {
        /// The file.
        file: Arc<str>,
        /// The line reached.
        line: u64,
        /// What happened.
        what: String,
    },
    /// It is no log.
    #[error("{file}: {what}")]
    NotALog {
        /// The file.
        file: Arc<str>,
        /// What it is instead.
        what: String,
    },
    /// The store did not take a batch.
    #[error("{0}")]
    Ingest(#[from] QueueError),
    /// The reading thread could not be started, or died.
    #[error("the reading thread ended: {0}")]
    Thread(String),
}
