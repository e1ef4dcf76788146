//! Links that work once, for an hour: the secret in them, and why one was refused.

use super::{AccountError, password};
use chrono::TimeDelta;
use domain::Invalid;
use domain::keys::hex;
use sha2::{Digest, Sha256};

/// How long a link is valid.
pub(super) const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// The secret part of a link; the store keeps only its hash. Show the link only to the person who
/// opens it or hands it over.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    page: &'static str,
    token: String,
}

impl Link {
    pub(super) fn new(page: &'static str) -> Self {
        Self { page, token: hex(&store::random::bytes::<32>()) }
    }

    /// The path to open: `/set-up/{token}` or `/reset/{token}`.
    pub fn path(&self) -> String {
        format!("/{}/{}", self.page, self.token)
    }

    /// The token without the path.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The hash by which the store knows the link.
    pub(super) fn hash(&self) -> [u8; 32] {
        hash(&self.token)
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Link(…)")
    }
}

pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Why a link had no effect.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The link is unknown, expired or used; or an account exists (set-up), or the account has
    /// changed since (reset).
    #[error("this link is no longer valid")]
    Dead,
    /// The input is not valid, or the store failed.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<Invalid> for LinkError {
    fn from(invalid: Invalid) -> Self {
        Self::Account(invalid.into())
    }
}

impl From<password::Failed> for LinkError {
    fn from(failed: password::Failed) -> Self {
        Self::Account(failed.into())
    }
}

impl From<store::Error> for LinkError {
    fn from(error: store::Error) -> Self {
        Self::Account(error.into())
    }
}
