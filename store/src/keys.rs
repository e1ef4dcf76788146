//! API keys.

use crate::parsed::parsed;
use crate::write::Write;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::Source;
use domain::keys::{Marks, Rate, Writes};
use domain::network::Network;
use domain::roles::Scope;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The key's middle part.
    pub id: String,
    /// Its name.
    pub name: String,
    /// SHA-256 of its last part.
    pub hash: Vec<u8>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Networks it may be used from; none: any.
    pub networks: Vec<Network>,
    /// The sources whose events it may write.
    pub writes: Writes,
    /// What its events are believed.
    pub marks: Marks,
    /// How often it may ask.
    pub rate: Rate,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it ends.
    pub expires: Option<DateTime<Utc>>,
    /// When it was ended.
    pub revoked: Option<DateTime<Utc>>,
    /// When it was last used, within a minute.
    pub used: Option<DateTime<Utc>>,
}

fn read(row: PgRow) -> Result<Row> {
    let scopes = row.try_get::<Vec<String>, _>("scopes")?;
    let scopes = scopes.iter().map(|word| parsed("api_key", word));
    let networks = row.try_get::<Vec<String>, _>("networks")?;
    let networks = networks.iter().map(|text| parsed("api_key", text));
    let writes = row.try_get::<Option<Vec<String>>, _>("writes")?.map(|sources| {
        sources.iter().map(|text| parsed::<Source>("api_key", text)).collect::<Result<_>>()
    });
    let rate = u32::try_from(row.try_get::<i32, _>("rate")?).unwrap_or_default();
    Ok(Row {
        scopes: scopes.collect::<Result<_>>()?,
        networks: networks.collect::<Result<_>>()?,
        writes: writes.transpose()?.map_or(Writes::Any, Writes::Listed),
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

/// Keeps a new key; `false` when a live key has its name.
///
/// # Errors
/// When the database refuses.
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

/// The key of an id, whether it still holds or not.
///
/// # Errors
/// When the database refuses, or holds what it should not.
pub async fn by_id(db: impl PgExecutor<'_>, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query("select *, sources::text[] as networks from api_key where id = $1")
        .bind(id)
        .fetch_optional(db)
        .await?;
    row.map(read).transpose()
}

/// The keys of these ids, whether they still hold or not, each with what it holds or why it
/// cannot be read. In no order; ids that there is no key of are left out.
///
/// # Errors
/// When the database refuses.
pub async fn by_ids(db: impl PgExecutor<'_>, ids: &[String]) -> Result<Vec<(String, Result<Row>)>> {
    let rows = sqlx::query("select *, sources::text[] as networks from api_key where id = any($1)")
        .bind(ids)
        .fetch_all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.try_get("id")?, read(row)))).collect()
}

/// Every key, by name; ended ones too.
///
/// # Errors
/// When the database refuses, or holds what it should not.
pub async fn list(db: impl PgExecutor<'_>) -> Result<Vec<Row>> {
    let rows =
        sqlx::query("select *, sources::text[] as networks from api_key order by name, created")
            .fetch_all(db)
            .await?;
    rows.into_iter().map(read).collect()
}

/// Ends a key; `false` when there is none or it has ended.
///
/// # Errors
/// When the database refuses.
pub async fn revoke(write: &mut Write, id: &str, now: DateTime<Utc>) -> Result<bool> {
    let done = sqlx::query("update api_key set revoked = $2 where id = $1 and revoked is null")
        .bind(id)
        .bind(now)
        .execute(write.conn())
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that a key was used, once a minute however many ask at once.
///
/// # Errors
/// When the database refuses.
pub async fn touch(db: impl PgExecutor<'_>, id: &str, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "update api_key set used = $2
         where id = $1 and (used is null or used < $2::timestamptz - interval '1 minute')",
    )
    .bind(id)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use chrono::{TimeDelta, TimeZone};
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_key_is_kept_used_and_ended(pool: PgPool) -> Result<()> {
        let noon = Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap();
        let mut key = Row {
            id: "0123".into(),
            name: "gateway".into(),
            hash: vec![1; 32],
            scopes: vec![Scope::EventsWrite, Scope::Read],
            networks: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::1".parse().unwrap()],
            writes: Writes::Listed(vec!["b2c".parse().unwrap()]),
            marks: Marks { trusted: true, counts: false, names: true },
            rate: Rate::new(7).unwrap(),
            created: noon,
            expires: Some(noon + TimeDelta::days(1)),
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

        touch(&pool, "0123", noon).await?;
        touch(&pool, "0123", noon + TimeDelta::seconds(59)).await?;
        key.used = Some(noon);
        assert_eq!(list(&pool).await?, [key.clone()]);

        assert!(written(&pool, async |write| revoke(write, "0123", noon).await).await?);
        assert!(!written(&pool, async |write| revoke(write, "0123", noon).await).await?);
        assert!(
            written(&pool, async |write| insert(write, &second).await).await?,
            "an ended key's name is free"
        );
        assert_eq!(by_id(&pool, "4567").await?, Some(second));
        Ok(())
    }
}
