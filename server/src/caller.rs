//! The program that a request comes from, as handlers ask for it.

use crate::problem::Problem;
use axum::extract::FromRequestParts;
use domain::Fault;
use domain::audit::By;
use domain::workbook::Sight;
use engine::accounts::ClientAddress;
use engine::keys::KeyHolder;
use http::StatusCode;
use http::request::Parts;
use std::net::IpAddr;

/// Whose key a request shows, and where it comes from, as the guard found out.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key.
    pub key: KeyHolder,
    /// The address.
    pub from: IpAddr,
}

impl Caller {
    /// How the audit log names it.
    pub fn by(&self) -> By {
        By::key(&self.key.name, self.from)
    }

    /// How it sees numbers.
    pub fn sight(&self) -> Sight {
        Sight::of_scopes(&self.key.scopes)
    }

    /// How the gate knows it.
    pub fn at_gate(self) -> engine::gate::Caller {
        engine::gate::Caller { key: self.key.name, from: self.from }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = parts.extensions.get::<KeyHolder>().cloned();
        match (key, parts.extensions.get::<ClientAddress>()) {
            (Some(key), Some(ClientAddress(from))) => Ok(Self { key, from: *from }),
            // The guard lets nobody without a key come as far.
            _ => {
                let words = "it was not found out who asks";
                Err(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, words))
            }
        }
    }
}
