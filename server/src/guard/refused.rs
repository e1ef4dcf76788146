//! Why the guard refuses a request.

use crate::engine_errors::AWAY;
use crate::failure::Failure;
use domain::Fault;
use domain::audit::By;

pub(super) enum Refused {
    Failure(Failure),
    /// Also recorded in the audit log.
    Forbidden(By, Failure),
    /// A redirect to this path of the sign-in.
    SignIn(String),
    /// A program without a valid key.
    Key(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

pub(super) fn store_unavailable(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::error!(error = store::with_sources(error), "the caller cannot be identified");
    let words = "The database does not answer. Try again in a moment.";
    Failure::unavailable(Fault::StoreUnavailable, words, AWAY)
}
