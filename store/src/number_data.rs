//! Google's metadata of numbers that was brought: every version of it; the newest holds.

use crate::write::Write;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, PgPool, Row as _};
use uuid::Uuid;

/// The year 3000: later than any event may be, and within what Postgres holds.
const END: DateTime<Utc> = match DateTime::from_timestamp(32_503_680_000, 0) {
    Some(end) => end,
    None => DateTime::UNIX_EPOCH,
};

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1.
    pub version: i64,
    /// What people call it.
    pub name: String,
    /// The metadata and its SHA-256 in hexadecimal; nothing: what is built in holds again.
    pub content: Option<(String, String)>,
    /// When it was taken in.
    pub taken: DateTime<Utc>,
    /// By whom.
    pub taken_by: String,
}

/// The version that holds; none while nobody brought any.
///
/// # Errors
/// When the database refuses.
pub async fn current(db: impl PgExecutor<'_>) -> Result<Option<Version>> {
    let row = sqlx::query(
        "select version, name, digest, content, taken, taken_by from number_data
         order by version desc limit 1",
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let content: Option<String> = row.try_get("content")?;
    Ok(Some(Version {
        version: row.try_get("version")?,
        name: row.try_get("name")?,
        content: content.zip(row.try_get("digest")?),
        taken: row.try_get("taken")?,
        taken_by: row.try_get("taken_by")?,
    }))
}

/// When metadata that was brought was taken in, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// When the version that holds was taken in; none while what is built in holds. Its content is not
/// read.
///
/// # Errors
/// When the database refuses.
pub async fn taken(db: impl PgExecutor<'_>) -> Result<Option<Taken>> {
    let row = sqlx::query(
        "select taken, taken_by, content is not null from number_data
         order by version desc limit 1",
    )
    .fetch_optional(db)
    .await?;
    let brought = |row: &PgRow| row.try_get::<bool, _>(2);
    match row {
        Some(row) if brought(&row)? => Ok(Some(Taken { at: row.try_get(0)?, by: row.try_get(1)? })),
        _ => Ok(None),
    }
}

/// The number of the version that holds; 0 while nobody brought any.
///
/// # Errors
/// When the database refuses.
pub async fn version(db: impl PgExecutor<'_>) -> Result<i64> {
    let version = sqlx::query_scalar("select coalesce(max(version), 0) from number_data");
    Ok(version.fetch_one(db).await?)
}

/// Adds a version; `false` when there is one of that number already: somebody else was first.
///
/// # Errors
/// When the database refuses.
pub async fn add(write: &mut Write, version: &Version) -> Result<bool> {
    let (content, digest) = version.content.as_ref().map(|(text, sum)| (text, sum)).unzip();
    let done = sqlx::query(
        "insert into number_data (version, name, digest, content, taken, taken_by)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
    )
    .bind(version.version)
    .bind(&version.name)
    .bind(digest)
    .bind(content)
    .bind(version.taken)
    .bind(&version.taken_by)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands over the numbers of at most `limit` attempts, the newest first, that began at `from` or
/// later and, if given, come after the attempt that began at `after`'s time with its id; the last
/// one's time and id, and how many there were. Attempts without a number are passed by.
///
/// # Errors
/// When the database refuses, or holds a number that is not in E.164.
pub async fn numbers(
    pool: &PgPool,
    after: Option<(DateTime<Utc>, Uuid)>,
    from: DateTime<Utc>,
    limit: i64,
    mut each: impl FnMut(PhoneNumber),
) -> Result<(Option<(DateTime<Utc>, Uuid)>, i64)> {
    // Nothing begins after these, so that the first piece asks as the others do.
    let (time, id) = after.unwrap_or((END, Uuid::max()));
    let mut rows = sqlx::query(
        "select time, id, phone from attempt where time >= $1 and (time, id) < ($3, $4)
         order by time desc, id desc limit $2",
    )
    .bind(from)
    .bind(limit)
    .bind(time)
    .bind(id)
    .fetch(pool);
    let (mut last, mut count) = (None, 0);
    while let Some(row) = rows.try_next().await? {
        last = Some((row.try_get(0)?, row.try_get(1)?));
        count += 1;
        let Some(phone) = row.try_get::<Option<&str>, _>(2)? else { continue };
        let phone = PhoneNumber::from_e164(phone);
        each(phone.map_err(|error| Error::corrupt("attempt", error))?);
    }
    Ok((last, count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempts::fold;
    use crate::write::written;
    use domain::Kind;
    use domain::attempts::{Attempt, First};
    use domain::period::parse_time;

    fn at(text: &str) -> DateTime<Utc> {
        parse_time(text).unwrap()
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_newest_version_holds(pool: PgPool) -> Result<()> {
        let version = |version, content: Option<&str>| Version {
            version,
            name: format!("data {version}"),
            content: content.map(|text| (text.to_owned(), "00".repeat(32))),
            taken: at("2026-11-20T12:00:00Z"),
            taken_by: "command line".into(),
        };
        assert_eq!((self::version(&pool).await?, current(&pool).await?), (0, None));
        assert!(written(&pool, async |write| add(write, &version(1, Some("one"))).await).await?);
        assert!(
            !written(&pool, async |write| add(write, &version(1, Some("two"))).await).await?,
            "the first stays"
        );
        assert_eq!(current(&pool).await?, Some(version(1, Some("one"))));
        assert!(written(&pool, async |write| add(write, &version(2, None)).await).await?);
        assert_eq!(current(&pool).await?, Some(version(2, None)));
        assert_eq!(self::version(&pool).await?, 2);
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn numbers_come_in_pieces_the_newest_first(pool: PgPool) -> Result<()> {
        let mut conn = pool.acquire().await?;
        let attempt = |id: u128, time: &str, phone: Option<&str>| {
            let time = at(time);
            Attempt {
                id: Uuid::from_u128(id),
                time,
                outcome: Kind::Sent,
                outcome_time: time,
                reason: None,
                reason_text: None,
                journey: First::default(),
                user: First::default(),
                phone: First::at(time, phone.map(|phone| phone.parse().unwrap())),
                region: First::default(),
                channel: First::default(),
                flow: First::default(),
                app: First::default(),
                ip: First::default(),
                browser: First::default(),
                carrier: First::default(),
                cost: First::default(),
                delivered: false,
            }
        };
        let attempts = vec![
            attempt(1, "2026-10-01T00:00:00Z", Some("+14155550101")),
            attempt(2, "2026-11-01T00:00:00Z", Some("+14155550102")),
            attempt(3, "2026-11-02T00:00:00Z", None),
            attempt(4, "2026-11-02T00:00:00Z", Some("+14155550104")),
            attempt(5, "2026-11-03T00:00:00Z", Some("+14155550102")),
        ];
        fold(&mut conn, attempts).await?;
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let from = at("2026-10-15T00:00:00Z");
            let each = |phone: PhoneNumber| found.push(phone.digits() % 1_000);
            let (last, count) = numbers(&pool, after, from, 2, each).await?;
            after = last;
            if count < 2 {
                break;
            }
        }
        assert_eq!(found, [102, 104, 102]);
        Ok(())
    }
}
