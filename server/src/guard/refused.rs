//! Why a request does not pass; and, for all who refuse one, where it comes from, and what is said
//! when the store does not answer.

use crate::failure::Failure;
use axum::extract::Request;
use domain::Fault;
use domain::audit::By;
use engine::accounts::ClientAddress;
use http::StatusCode;
use std::net::{IpAddr, Ipv4Addr};

/// Why a request does not pass.
pub(super) enum Refused {
    /// With these words.
    Failure(Failure),
    /// Whom it is said to is known to the audit log.
    Forbidden(By, Failure),
    /// A person who has to sign in first, there.
    SignIn(String),
    /// A program without a key that holds.
    Key(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Where a request comes from; unknown (0.0.0.0) only in a router without its layers.
pub(super) fn client(request: &Request) -> IpAddr {
    let from = request.extensions().get::<ClientAddress>();
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
}

pub(super) fn store_unavailable(error: &(dyn std::error::Error + 'static)) -> Failure {
    tracing::error!(error = store::whole(error), "cannot tell who knocks");
    let words = "The database does not answer. Try again in a moment.";
    Failure::new(StatusCode::SERVICE_UNAVAILABLE, Fault::StoreUnavailable, words).retry_after(5)
}
