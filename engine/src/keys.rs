//! API keys: made, shown once, and asked for at every request.

mod failed;
mod known;
mod looks;
mod memory;
mod rate;
mod refused;
mod shown;

pub use known::Keys;

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

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name.
    pub name: KeyName,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it ends; never, if nothing.
    pub expires: Option<DateTime<Utc>>,
    /// Networks it may be used from; none: any.
    pub networks: Vec<Network>,
    /// Sources whose events it may write besides that of its own name.
    pub sources: Vec<Source>,
    /// What its events count for.
    pub marks: Marks,
    /// How often it may ask.
    pub rate: Rate,
}

impl NewKey {
    /// A key that may do this, from anywhere, for ever, and is believed nothing.
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

/// Who calls, by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key's id: its middle part.
    pub id: String,
    /// The key's name; the default source of its events.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The sources whose events it may write.
    pub writes: Writes,
    /// What its events count for.
    pub marks: Marks,
}

impl KeyHolder {
    /// Whether it may write events of a source.
    pub fn may_write(&self, source: &Source) -> bool {
        self.writes.admits(&self.name, source)
    }
}

/// Why no key was made.
#[derive(Debug, thiserror::Error)]
pub enum NewKeyError {
    /// What was entered.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Why a key does not open.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no `Authorization` header.
    #[error("this needs an API key: Authorization: Bearer tw_…")]
    Missing,
    /// It is no key, or an unknown one.
    #[error("the API key is not valid")]
    Unknown,
    /// It was right once: it was revoked, or its time is over. Callers are told the same as of an
    /// unknown one.
    #[error("the API key is not valid")]
    Ended {
        /// Its name.
        name: String,
    },
    /// The key is right, and may not be used from there.
    #[error("the API key may not be used from this address")]
    Address {
        /// Its name.
        name: String,
    },
    /// It asks more often than its rate allows.
    #[error("the API key may be used {rate} times a second; ask again in a moment")]
    Rate {
        /// Requests a second.
        rate: u32,
        /// How long until it is worth asking again.
        wait: Duration,
    },
    /// The store does not answer, and the key is not known from before. Shared by all who waited
    /// for the same answer.
    #[error("{0}")]
    Store(Arc<store::Error>),
}

/// Makes a key; the only time it can be read.
///
/// # Errors
/// In field `name` when a live key has it; in `expires` when that is past.
pub async fn create(db: &Db, by: &By, new: NewKey) -> Result<ApiKey, NewKeyError> {
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
    people::commit(write, Change::new(Activity::KeyMade, &row.name).after(told(&row))).await?;
    tracing::info!(key = row.id, name = row.name, "key made");
    Ok(key)
}

/// Ends a key in the store; `false` when there is none or it has ended.
pub(crate) async fn revoke(db: &Db, by: &By, id: &str) -> Result<bool, store::Error> {
    let mut write = db.write(by).await?;
    let now = write.now();
    if !store::keys::revoke(&mut write, id, now).await? {
        return Ok(false);
    }
    let Some(row) = store::keys::by_id(write.conn(), id).await? else { return Ok(false) };
    people::commit(write, Change::new(Activity::KeyRevoked, &row.name).before(told(&row))).await?;
    tracing::info!(key = id, name = row.name, "key ended");
    Ok(true)
}

/// What the audit log tells of a key: all but what proves it.
fn told(row: &store::keys::Row) -> Value {
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

/// What the store keeps. The key is 32 random bytes: a slow hash would add nothing.
fn hash(key: &ApiKey) -> [u8; 32] {
    Sha256::digest(key.secret).into()
}

#[cfg(test)]
mod tests;
