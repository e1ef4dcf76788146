//! Uploaded versions of Google's number metadata; the newest is in force.

use crate::write::Write;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use futures::TryStreamExt as _;
use sqlx::{PgExecutor, PgPool, Row as _};
use uuid::Uuid;

/// The year 3000: later than any event, and within the range of Postgres.
const END: DateTime<Utc> = match DateTime::from_timestamp(32_503_680_000, 0) {
    Some(end) => end,
    None => DateTime::UNIX_EPOCH,
};

/// A version of the number metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Version number, from 1.
    pub version: i64,
    /// Name given at the upload.
    pub name: String,
    /// The metadata and its SHA-256 in hexadecimal; none to return to the built-in metadata.
    pub content: Option<(String, String)>,
    /// Time of the upload.
    pub taken: DateTime<Utc>,
    /// Actor of the upload.
    pub taken_by: String,
}

/// The version in force; none before the first upload.
pub async fn current(db: impl PgExecutor<'_>) -> Result<Option<Version>> {
    type Row = (i64, String, Option<String>, Option<String>, DateTime<Utc>, String);
    let row: Option<Row> = sqlx::query_as(
        "select version, name, content, digest, taken, taken_by from number_data
         order by version desc limit 1",
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|(version, name, content, digest, taken, taken_by)| Version {
        version,
        name,
        content: content.zip(digest),
        taken,
        taken_by,
    }))
}

/// When and by whom metadata was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadInfo {
    /// Time of the upload.
    pub at: DateTime<Utc>,
    /// Actor of the upload.
    pub by: String,
}

/// When the version in force was uploaded, without reading its content; none while the built-in
/// metadata is in force.
pub async fn taken(db: impl PgExecutor<'_>) -> Result<Option<UploadInfo>> {
    let sql = "select taken, taken_by, content is not null from number_data
         order by version desc limit 1";
    let row: Option<(DateTime<Utc>, String, bool)> = sqlx::query_as(sql).fetch_optional(db).await?;
    Ok(row.and_then(|(at, by, uploaded)| uploaded.then_some(UploadInfo { at, by })))
}

/// Number of the version in force; 0 before the first upload.
pub async fn version(db: impl PgExecutor<'_>) -> Result<i64> {
    let version = sqlx::query_scalar("select coalesce(max(version), 0) from number_data");
    Ok(version.fetch_one(db).await?)
}

/// Adds a version; `false` if its number is taken because of a concurrent upload.
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

/// Passes to `each` the phone numbers of at most `limit` attempts since `from`, newest first, that
/// follow `after` if it is given. Returns time and id of the last attempt, and how many were read,
/// those without a number included.
///
/// # Errors
/// [`Error::Corrupt`] if a number is not in E.164.
pub async fn numbers(
    pool: &PgPool,
    after: Option<(DateTime<Utc>, Uuid)>,
    from: DateTime<Utc>,
    limit: i64,
    mut each: impl FnMut(PhoneNumber),
) -> Result<(Option<(DateTime<Utc>, Uuid)>, i64)> {
    // Later than every attempt, so that the first call uses the same statement.
    let (time, id) = after.unwrap_or((END, Uuid::max()));
    let sql = "select time, id, phone from attempt where time >= $1 and (time, id) < ($3, $4)
         order by time desc, id desc limit $2";
    let mut rows = sqlx::query(sql).bind(from).bind(limit).bind(time).bind(id).fetch(pool);
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
    use crate::attempts::tests::bare;
    use crate::write::written;
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
            let phone = First::at(time, phone.map(|phone| phone.parse().unwrap()));
            Attempt { phone, ..bare(id, time) }
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
