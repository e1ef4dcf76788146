//! API keys: created, shown once, and checked on every request.

mod failed;
mod known;
mod looks;
mod memory;
mod refused;
mod shown;

pub use known::Keys;

use crate::ChangeError;
use crate::notify::people;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::keys::{ApiKey, KeyName, Marks, Rate, Writes};
use domain::network::Network;
use domain::roles::Scope;
use domain::{Fault, Invalid, Source};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use store::Db;

/// Settings of a new key.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name, unique among active keys.
    pub name: KeyName,
    /// The scopes in which it may be used.
    pub scopes: Vec<Scope>,
    /// When it ends; `None`: never.
    pub expires: Option<DateTime<Utc>>,
    /// Networks from which it may be used; empty: any.
    pub networks: Vec<Network>,
    /// Sources whose events it may write, in addition to the source with its own name.
    pub sources: Vec<Source>,
    /// How far its events are trusted.
    pub marks: Marks,
    /// Its rate limit.
    pub rate: Rate,
}

impl NewKey {
    /// A key with these scopes, usable from anywhere, without end and without trust.
    pub fn new(name: KeyName, scopes: Vec<Scope>) -> Self {
        Self {
            name,
            scopes,
            expires: None,
            networks: Vec::new(),
            sources: Vec::new(),
            marks: Marks::default(),
            rate: Rate::default(),
        }
    }
}

/// The key with which a caller authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key's id: its middle part.
    pub id: String,
    /// The key's name, which is the default source of its events.
    pub name: String,
    /// The scopes in which the key may be used.
    pub scopes: Vec<Scope>,
    /// The sources whose events it may write.
    pub writes: Writes,
    /// How far its events are trusted.
    pub marks: Marks,
}

impl KeyHolder {
    /// Whether it may write events of this source.
    pub fn may_write(&self, source: &Source) -> bool {
        self.writes.admits(&self.name, source)
    }
}

/// Why authentication failed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no `Authorization` header.
    #[error("this needs an API key: Authorization: Bearer tw_…")]
    Missing,
    /// It is not a key, or it is unknown.
    #[error("the API key is not valid")]
    Unknown,
    /// The key was revoked or has expired. Callers get the same answer as for an unknown key.
    #[error("the API key is not valid")]
    Ended {
        /// The key's name.
        name: String,
    },
    /// The key is valid but may not be used from this address.
    #[error("the API key may not be used from this address")]
    Address {
        /// The key's name.
        name: String,
    },
    /// The key exceeds its rate limit.
    #[error("the API key may be used {rate} times a second; try again in a moment")]
    Rate {
        /// Allowed requests per second.
        rate: u32,
        /// How long to wait before the next request.
        wait: Duration,
    },
    /// The store does not answer, and the key is not in memory. All callers that waited for the
    /// same answer share the error.
    #[error("{0}")]
    Store(Arc<store::Error>),
}

/// Creates a key. It can be read only this once.
///
/// # Errors
/// [`ChangeError::Invalid`] in field `name` if an active key has it, or in `expires` if that time
/// is past.
pub async fn create(db: &Db, by: &By, new: NewKey) -> Result<ApiKey, ChangeError> {
    let mut write = db.write(by).await?;
    let now = write.now();
    if new.expires.is_some_and(|expires| expires <= now) {
        let message = "A key must end in the future.";
        return Err(Invalid::one("expires", Fault::TimeOutOfRange, message).into());
    }
    let key = ApiKey::from_random(store::random::bytes(), store::random::bytes());
    let row = store::keys::Row {
        id: key.id.clone(),
        name: new.name.as_str().to_owned(),
        hash: hash(&key).to_vec(),
        scopes: new.scopes,
        networks: new.networks,
        writes: Writes::Listed(new.sources),
        marks: new.marks,
        rate: new.rate,
        created: now,
        expires: new.expires,
        revoked: None,
        used: None,
    };
    if !store::keys::insert(&mut write, &row).await? {
        let message = format!("There is a key named {} already.", row.name);
        return Err(Invalid::one("name", Fault::Duplicate, message).into());
    }
    people::commit(write, Change::new(Activity::KeyMade, &row.name).after(audit_value(&row)))
        .await?;
    tracing::info!(key = row.id, name = row.name, "key made");
    Ok(key)
}

/// Revokes a key in the store; `false` if there is none or it has ended.
pub(crate) async fn revoke(db: &Db, by: &By, id: &str) -> Result<bool, store::Error> {
    let mut write = db.write(by).await?;
    let now = write.now();
    if !store::keys::revoke(&mut write, id, now).await? {
        return Ok(false);
    }
    let Some(row) = store::keys::by_id(write.conn(), id).await? else { return Ok(false) };
    people::commit(write, Change::new(Activity::KeyRevoked, &row.name).before(audit_value(&row)))
        .await?;
    tracing::info!(key = id, name = row.name, "key ended");
    Ok(true)
}

/// The key in the audit log: everything except its hash.
fn audit_value(row: &store::keys::Row) -> Value {
    let networks: Vec<String> = row.networks.iter().map(Network::to_string).collect();
    let sources = match &row.writes {
        Writes::Any => Value::from("any"),
        Writes::Listed(sources) => json!(sources),
    };
    json!({
        "id": row.id,
        "scopes": row.scopes,
        "sources": sources,
        "trusted": row.marks.trusted,
        "counts": row.marks.counts,
        "names": row.marks.names,
        "rate": row.rate.get(),
        "expires": row.expires.map(|time| time.to_rfc3339()),
        "networks": networks,
    })
}

/// The stored hash. The key is 32 random bytes, so a slow hash would add nothing.
fn hash(key: &ApiKey) -> [u8; 32] {
    Sha256::digest(key.secret).into()
}

#[cfg(test)]
mod tests;
