//! Work on another core, for parts of a page that are read concurrently.

use crate::page::{Lost, lost};

/// Runs work in its own task, so that it can use another core: counting in memory is CPU-bound.
pub(super) async fn beside<T: Send + 'static>(
    work: impl Future<Output = Result<T, Lost>> + Send + 'static,
) -> Result<T, Lost> {
    let done = tokio::spawn(work).await;
    done.map_err(|error| lost("a part of the workbook", &error)).flatten()
}
