//! The credentials in a request: a key, and for basic auth its name.

use super::{KeyError, KeyHolder, hash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::keys::ApiKey;
use std::net::IpAddr;
use store::keys::Row;
use subtle::ConstantTimeEq;

/// A key as sent, not compared with its row yet.
pub(super) struct PresentedKey {
    pub(super) key: ApiKey,
    /// The user name in basic auth: the key's name.
    name: Option<String>,
}

impl PresentedKey {
    /// Reads the `Authorization` header: `Bearer tw_…` and, if `basic` is allowed, `Basic` with the
    /// key's name and the key (RFC 7617).
    pub(super) fn read(header: Option<&str>, basic: bool) -> Result<Self, KeyError> {
        let header = header.ok_or(KeyError::Missing)?;
        let (scheme, text) = header.trim().split_once(' ').ok_or(KeyError::Unknown)?;
        // The scheme's case does not matter (RFC 9110, section 11.1).
        if scheme.eq_ignore_ascii_case("bearer") {
            let key = ApiKey::parse(text.trim()).ok_or(KeyError::Unknown)?;
            return Ok(Self { key, name: None });
        }
        if !(basic && scheme.eq_ignore_ascii_case("basic")) {
            return Err(KeyError::Missing);
        }
        Self::pair(text.trim()).ok_or(KeyError::Unknown)
    }

    /// Parses `base64(name ":" key)`; names contain no colon.
    fn pair(text: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (name, key) = text.split_once(':')?;
        Some(Self { key: ApiKey::parse(key)?, name: Some(name.to_owned()) })
    }

    /// The key holder, if the key matches the row and may be used now from this address.
    pub(super) fn open(
        &self,
        row: &Row,
        from: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<KeyHolder, KeyError> {
        let right = bool::from(row.hash.ct_eq(&hash(&self.key)));
        let named = self.name.as_ref().is_none_or(|name| *name == row.name);
        let ended = row.revoked.is_some() || row.expires.is_some_and(|expires| expires <= now);
        if !right || !named {
            return Err(KeyError::Unknown);
        }
        if ended {
            return Err(KeyError::Ended { name: row.name.clone() });
        }
        if !row.networks.is_empty() && !row.networks.iter().any(|network| network.contains(from)) {
            return Err(KeyError::Address { name: row.name.clone() });
        }
        Ok(KeyHolder {
            id: row.id.clone(),
            name: row.name.clone(),
            scopes: row.scopes.clone(),
            writes: row.writes.clone(),
            marks: row.marks,
        })
    }
}
