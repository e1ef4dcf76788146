//! API keys.

use crate::parsed::{parsed_all, read_all, read_one};
use crate::write::Write;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::keys::{Marks, Rate, Writes};
use domain::network::Network;
use domain::roles::Scope;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};

/// A stored API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Middle part of the key.
    pub id: String,
    /// Name, unique among keys that are not revoked.
    pub name: String,
    /// SHA-256 of the last part of the key.
    pub hash: Vec<u8>,
    /// Operations it permits.
    pub scopes: Vec<Scope>,
    /// Networks it may be used from; empty for any.
    pub networks: Vec<Network>,
    /// Sources whose events it may write.
    pub writes: Writes,
    /// How far its events are trusted.
    pub marks: Marks,
    /// Limit on its requests.
    pub rate: Rate,
    /// Time of creation.
    pub created: DateTime<Utc>,
    /// When it expires, if ever.
    pub expires: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked: Option<DateTime<Utc>>,
    /// Time of last use, to the minute.
    pub used: Option<DateTime<Utc>>,
}

fn read(row: &PgRow) -> Result<Row> {
    let writes: Option<Vec<String>> = row.try_get("writes")?;
    let writes = writes.map(|sources| parsed_all("api_key", &sources)).transpose()?;
    let rate = u32::try_from(row.try_get::<i32, _>("rate")?).unwrap_or_default();
    Ok(Row {
        scopes: parsed_all("api_key", &row.try_get::<Vec<_>, _>("scopes")?)?,
        networks: parsed_all("api_key", &row.try_get::<Vec<_>, _>("networks")?)?,
        writes: writes.map_or(Writes::Any, Writes::Listed),
        marks: Marks {
            trusted: row.try_get("trusted")?,
            counts: row.try_get("counts")?,
            names: row.try_get("names")?,
        },
        rate: Rate::new(rate).map_err(|wrong| Error::corrupt("api_key", wrong))?,
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        hash: row.try_get("hash")?,
        created: row.try_get("created")?,
        expires: row.try_get("expires")?,
        revoked: row.try_get("revoked")?,
        used: row.try_get("used")?,
    })
}

/// Stores a new key; `false` if a key that is not revoked has its name.
pub async fn insert(write: &mut Write, key: &Row) -> Result<bool> {
    let scopes = key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>();
    let networks = key.networks.iter().map(Network::to_string).collect::<Vec<_>>();
    let writes = match &key.writes {
        Writes::Any => None,
        Writes::Listed(sources) => {
            Some(sources.iter().map(|source| source.as_str()).collect::<Vec<_>>())
        }
    };
    let done = sqlx::query(
        "insert into api_key (id, name, hash, scopes, sources, trusted, created, expires, writes,
             counts, names, rate)
         values ($1, $2, $3, $4, $5::text[]::cidr[], $6, $7, $8, $9, $10, $11, $12)
         on conflict (name) where revoked is null do nothing",
    )
    .bind(&key.id)
    .bind(&key.name)
    .bind(&key.hash)
    .bind(scopes)
    .bind(networks)
    .bind(key.marks.trusted)
    .bind(key.created)
    .bind(key.expires)
    .bind(writes)
    .bind(key.marks.counts)
    .bind(key.marks.names)
    .bind(i32::try_from(key.rate.get()).unwrap_or(i32::MAX))
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The key with an id, expired and revoked ones included.
pub async fn by_id(db: impl PgExecutor<'_>, id: &str) -> Result<Option<Row>> {
    let sql = "select *, sources::text[] as networks from api_key where id = $1";
    read_one(db, sqlx::query(sql).bind(id), read).await
}

/// The existing keys with these ids, in no order, expired and revoked ones included. One that
/// cannot be parsed does not affect the others.
pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[String]) -> Result<Vec<(String, Result<Row>)>> {
    let sql = "select *, sources::text[] as networks from api_key where id = any($1)";
    let rows = sqlx::query(sql).bind(ids).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, read(row)))).collect()
}

/// All keys, ordered by name, expired and revoked ones included.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Row>> {
    let sql = "select *, sources::text[] as networks from api_key order by name, created";
    read_all(db, sqlx::query(sql), read).await
}

/// Revokes a key; `false` if it does not exist or is revoked already.
pub async fn revoke(write: &mut Write, id: &str, now: DateTime<Utc>) -> Result<bool> {
    let sql = "update api_key set revoked = $2 where id = $1 and revoked is null";
    let done = sqlx::query(sql).bind(id).bind(now).execute(write.conn()).await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the time of use, at most once a minute.
pub async fn touch(db: impl PgExecutor<'_>, id: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "update api_key set used = $2
         where id = $1 and (used is null or used < $2::timestamptz - interval '1 minute')";
    sqlx::query(sql).bind(id).bind(now).execute(db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use chrono::TimeDelta;
    use sqlx::PgPool;
    use testkit::noon;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_key_is_kept_used_and_ended(pool: PgPool) -> Result<()> {
        let mut key = Row {
            id: "0123".into(),
            name: "gateway".into(),
            hash: vec![1; 32],
            scopes: vec![Scope::EventsWrite, Scope::Read],
            networks: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            writes: Writes::Listed(vec!["b2c".parse().unwrap()]),
            marks: Marks { trusted: true, counts: false, names: true },
            rate: Rate::new(7).unwrap(),
            created: noon(),
            expires: Some(noon() + TimeDelta::days(1)),
            revoked: None,
            used: None,
        };
        assert!(written(&pool, async |write| insert(write, &key).await).await?);
        let second = Row { id: "4567".into(), writes: Writes::Any, ..key.clone() };
        assert!(
            !written(&pool, async |write| insert(write, &second).await).await?,
            "two live keys of one name"
        );
        assert_eq!(by_id(&pool, "0123").await?.as_ref(), Some(&key));
        assert_eq!(by_id(&pool, "none").await?, None);
        let found = by_ids(&pool, &["none".into(), "0123".into()]).await?;
        assert!(matches!(&*found, [(id, Ok(row))] if id == "0123" && *row == key), "{found:?}");

        touch(&pool, "0123", noon()).await?;
        touch(&pool, "0123", noon() + TimeDelta::seconds(59)).await?;
        key.used = Some(noon());
        assert_eq!(list(&pool).await?, [key.clone()]);

        assert!(written(&pool, async |write| revoke(write, "0123", noon()).await).await?);
        assert!(!written(&pool, async |write| revoke(write, "0123", noon()).await).await?);
        assert!(
            written(&pool, async |write| insert(write, &second).await).await?,
            "an ended key's name is free"
        );
        assert_eq!(by_id(&pool, "4567").await?, Some(second));
        Ok(())
    }
}
