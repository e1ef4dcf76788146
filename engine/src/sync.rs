//! Locks that stay usable after a panic; time limits and second tries for the store.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Locks a mutex, also after a panic while it was held: nobody leaves its data half written. At
/// worst a count is one too high, or a state is old.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the store up to a limit; after that it counts as not answering.
pub(crate) async fn within<T, E: Into<store::Error>>(
    limit: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> store::Result<T> {
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(store::Error::no_answer()),
    }
}

/// Tries a transaction again, once, after a conflict with another one.
pub(crate) async fn retried<T, F>(transaction: impl Fn() -> F) -> store::Result<T>
where
    F: Future<Output = store::Result<T>>,
{
    match transaction().await {
        Err(error) if error.is_transient() => transaction().await,
        done => done,
    }
}
