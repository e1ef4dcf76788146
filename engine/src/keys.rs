//! API keys: made, shown once, and asked for at every request.

use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::audit::{Activity, By, Change};
use domain::keys::{ApiKey, KeyName};
use domain::network::Network;
use domain::roles::Scope;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use store::Db;
use subtle::ConstantTimeEq;

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
    pub sources: Vec<Network>,
    /// Whether its `verified` events count for trust.
    pub trusted: bool,
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
    /// Whether its `verified` events count for trust.
    pub trusted: bool,
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
    /// It is no key, or one that is unknown, ended or expired: which, nobody learns.
    #[error("the API key is not valid")]
    Unknown,
    /// The key is right, and may not be used from there.
    #[error("the API key may not be used from this address")]
    Address {
        /// Its name.
        name: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
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
        return Err(Invalid::one("expires", "expires_past", message).into());
    }
    let key = ApiKey::from_random(store::random::bytes(), store::random::bytes());
    let row = store::keys::Row {
        id: key.id.clone(),
        name: new.name.as_str().to_owned(),
        hash: hash(&key).to_vec(),
        scopes: new.scopes,
        sources: new.sources,
        trusted: new.trusted,
        created: now,
        expires: new.expires,
        revoked: None,
        used: None,
    };
    if !store::keys::insert(write.conn(), &row).await? {
        let message = format!("There is a key named {} already.", row.name);
        return Err(Invalid::one("name", "name_taken", message).into());
    }
    write.commit(Change::new(Activity::KeyMade, &row.name).after(told(&row))).await?;
    tracing::info!(key = row.id, name = row.name, "key made");
    Ok(key)
}

/// Ends a key at once; `false` when there is none or it has ended.
///
/// # Errors
/// When the store refuses.
pub async fn revoke(db: &Db, by: &By, id: &str) -> Result<bool, store::Error> {
    let mut write = db.write(by).await?;
    let now = write.now();
    if !store::keys::revoke(write.conn(), id, now).await? {
        return Ok(false);
    }
    let Some(row) = store::keys::by_id(write.conn(), id).await? else { return Ok(false) };
    write.commit(Change::new(Activity::KeyRevoked, &row.name).before(told(&row))).await?;
    tracing::info!(key = id, name = row.name, "key ended");
    Ok(true)
}

/// What the audit log tells of a key: all but what proves it.
fn told(row: &store::keys::Row) -> Value {
    let networks: Vec<String> = row.sources.iter().map(Network::to_string).collect();
    json!({
        "id": row.id,
        "scopes": row.scopes,
        "trusted": row.trusted,
        "expires": row.expires.map(|time| time.to_rfc3339()),
        "networks": networks,
    })
}

/// Who calls, by the `Authorization` header and the address; asked of the store each time, so
/// that ending a key holds at once.
///
/// # Errors
/// Why the key does not open.
pub async fn authenticate(
    db: &Db,
    header: Option<&str>,
    from: IpAddr,
) -> Result<KeyHolder, KeyError> {
    let header = header.ok_or(KeyError::Missing)?;
    let (scheme, text) = header.trim().split_once(' ').ok_or(KeyError::Unknown)?;
    // The scheme's case does not matter (RFC 9110, section 11.1).
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(KeyError::Missing);
    }
    let key = ApiKey::parse(text.trim()).ok_or(KeyError::Unknown)?;
    holder(db, &key, from).await
}

async fn holder(db: &Db, key: &ApiKey, from: IpAddr) -> Result<KeyHolder, KeyError> {
    let now = db.clock.now();
    let row = store::keys::by_id(&db.pool, &key.id).await?.ok_or(KeyError::Unknown)?;
    let right = bool::from(row.hash.ct_eq(&hash(key)));
    let ended = row.revoked.is_some() || row.expires.is_some_and(|expires| expires <= now);
    if !right || ended {
        return Err(KeyError::Unknown);
    }
    if !row.sources.is_empty() && !row.sources.iter().any(|network| network.contains(from)) {
        return Err(KeyError::Address { name: row.name });
    }
    if row.used.is_none_or(|used| used < now - chrono::TimeDelta::minutes(1)) {
        store::keys::touch(&db.pool, &row.id, now).await?;
    }
    Ok(KeyHolder { id: row.id, name: row.name, scopes: row.scopes, trusted: row.trusted })
}

/// What the store keeps. The key is 32 random bytes: a slow hash would add nothing.
fn hash(key: &ApiKey) -> [u8; 32] {
    Sha256::digest(key.secret).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone};
    use sqlx::PgPool;
    use std::net::Ipv4Addr;
    use store::Clock;

    const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap()
    }

    fn new(name: &str) -> NewKey {
        NewKey {
            name: KeyName::parse(name).unwrap(),
            scopes: vec![Scope::Read],
            expires: None,
            sources: Vec::new(),
            trusted: false,
        }
    }

    async fn knock(db: &Db, header: &str, from: IpAddr) -> Result<KeyHolder, KeyError> {
        authenticate(db, Some(header), from).await
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_key_opens_until_it_is_ended(pool: PgPool) {
        let db = Db::new(pool, Clock::fixed(noon()));
        let key = create(&db, &By::command(), new("gateway")).await.unwrap();
        let header = format!("Bearer {}", key.reveal());
        let holder = knock(&db, &header, FROM).await.unwrap();
        assert_eq!((holder.name.as_str(), holder.scopes), ("gateway", vec![Scope::Read]));
        let row = store::keys::by_id(&db.pool, &key.id).await.unwrap().unwrap();
        assert_eq!(row.used, Some(noon()));
        assert!(!row.hash.windows(8).any(|part| part == &key.secret[..8]), "kept in clear");

        let taken = create(&db, &By::command(), new("gateway")).await;
        assert!(matches!(taken, Err(NewKeyError::Invalid(_))));
        assert!(revoke(&db, &By::command(), &key.id).await.unwrap());
        assert!(!revoke(&db, &By::command(), &key.id).await.unwrap());
        let told = store::audit::list(&db.pool, &Default::default(), None, 9).await.unwrap();
        let activities: Vec<_> = told.iter().map(|row| &*row.entry.activity).collect();
        assert_eq!(activities, ["API key revoked", "API key made"]);
        assert!(!format!("{told:?}").contains(&key.reveal()[16..]), "the log holds the key");
        assert!(matches!(knock(&db, &header, FROM).await, Err(KeyError::Unknown)));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn anything_else_opens_nothing(pool: PgPool) {
        let db = Db::new(pool, Clock::fixed(noon()));
        let mut key = create(&db, &By::command(), new("gateway")).await.unwrap();
        key.secret[0] ^= 1;
        let other = ApiKey::from_random([0; 6], key.secret);
        for header in [
            format!("Bearer {}", key.reveal()),
            format!("Bearer {}", other.reveal()),
            "Bearer".into(),
            "Bearer tw_".into(),
            "Bearer tw_a_é".into(),
        ] {
            let refused = knock(&db, &header, FROM).await;
            assert!(matches!(refused, Err(KeyError::Unknown)), "{header}");
        }
        assert!(matches!(knock(&db, "Basic eDp5", FROM).await, Err(KeyError::Missing)));
        assert!(matches!(authenticate(&db, None, FROM).await, Err(KeyError::Missing)));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn time_and_place_can_be_limited(pool: PgPool) {
        let db = Db::new(pool.clone(), Clock::fixed(noon()));
        let past =
            create(&db, &By::command(), NewKey { expires: Some(noon()), ..new("past") }).await;
        assert!(matches!(past, Err(NewKeyError::Invalid(_))));
        let key = NewKey {
            expires: Some(noon() + TimeDelta::hours(1)),
            sources: vec!["10.0.0.0/8".parse().unwrap()],
            ..new("limited")
        };
        let header = format!("bearer {}", create(&db, &By::command(), key).await.unwrap().reveal());
        let inside = IpAddr::from([10, 1, 2, 3]);
        assert!(knock(&db, &header, inside).await.is_ok());
        assert!(matches!(knock(&db, &header, FROM).await, Err(KeyError::Address { .. })));
        let late = Db::new(pool, Clock::fixed(noon() + TimeDelta::hours(1)));
        assert!(matches!(knock(&late, &header, inside).await, Err(KeyError::Unknown)));
    }
}
