//! The extractor for the calling program.

use crate::failure::Failure;
use axum::extract::FromRequestParts;
use domain::Fault;
use domain::audit::By;
use domain::workbook::Sight;
use engine::accounts::ClientAddress;
use engine::keys::KeyHolder;
use http::StatusCode;
use http::request::Parts;
use std::net::IpAddr;

/// The key and the address of a request, as the guard found them.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) key: KeyHolder,
    pub(crate) from: IpAddr,
}

impl Caller {
    /// The caller as an author in the audit log.
    pub(crate) fn by(&self) -> By {
        By::key(&self.key.name, self.from)
    }

    /// Whether it may see whole numbers.
    pub(crate) fn sight(&self) -> Sight {
        Sight::of_scopes(&self.key.scopes)
    }

    /// The caller as the gate records it.
    pub(crate) fn at_gate(self) -> engine::gate::DecisionCaller {
        engine::gate::DecisionCaller { key: self.key.name, from: self.from }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let key = parts.extensions.get::<KeyHolder>().cloned();
        match (key, parts.extensions.get::<ClientAddress>()) {
            (Some(key), Some(ClientAddress(from))) => Ok(Self { key, from: *from }),
            // The guard admits nobody without a key.
            _ => {
                let words = "the caller could not be identified";
                Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, words))
            }
        }
    }
}
