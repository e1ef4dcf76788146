//! Work on another core, for parts of a page that are read concurrently.

use crate::page::{LoadError, log_load_error};

/// Runs work in its own task, so that it can use another core: counting in memory is CPU-bound.
pub(super) async fn beside<T: Send + 'static>(
    work: impl Future<Output = Result<T, LoadError>> + Send + 'static,
) -> Result<T, LoadError> {
    let done = tokio::spawn(work).await;
    done.map_err(|error| log_load_error("a part of the workbook", &error)).flatten()
}
