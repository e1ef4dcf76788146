//! What retention drops, some rows at a time, and how much there is to drop.

use crate::Result;
use crate::parsed::sized;
use chrono::{DateTime, Utc};
use domain::audit::{Head, Link};
use sqlx::{PgConnection, PgPool, Row as _};

/// Rows that are counted at most: beyond, a page says "more than".
pub const COUNTED: i64 = 100_000;

/// A kind of rows that retention can drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Events: whole months.
    Events,
    /// Attempts of such months.
    Attempts,
    /// Entries of the audit log.
    Audit,
    /// What goes row by row.
    Rows(Rows),
}

/// A kind of rows that go one by one. The others have ways of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Fraud reports that were handled.
    Reports,
    /// Blocks that are over.
    Blocks,
    /// Bypasses that are over.
    Bypasses,
    /// Messages that were sent, given up, or kept because there is no mail server.
    Outbox,
    /// Imports that have ended.
    Imports,
}

impl Kept {
    fn which(self) -> (&'static str, &'static str) {
        match self {
            Self::Events => ("event", "time < $1"),
            Self::Attempts => ("attempt", "time < $1"),
            Self::Audit => ("audit", "time < $1"),
            Self::Rows(rows) => rows.which(),
        }
    }
}

impl Rows {
    fn which(self) -> (&'static str, &'static str) {
        match self {
            Self::Reports => ("fraud_report", "handled < $1"),
            Self::Blocks => ("block", "least(ended, until) < $1"),
            Self::Bypasses => ("bypass", "least(ended, used, until) < $1"),
            Self::Outbox => ("outbox", "state <> 'waiting' and created < $1"),
            Self::Imports => ("import_job", "ended < $1"),
        }
    }
}

/// How many rows of a kind are older, counted up to one more than [`COUNTED`].
///
/// # Errors
/// When the database refuses.
pub async fn older(pool: &PgPool, kept: Kept, before: DateTime<Utc>) -> Result<i64> {
    let (table, which) = kept.which();
    let sql = format!("select count(*) from (select from {table} where {which} limit $2) s");
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(before).bind(COUNTED + 1);
    Ok(count.fetch_one(pool).await?)
}

/// Drops at most `limit` rows of a kind that are older; how many.
///
/// # Errors
/// When the database refuses.
pub async fn drop_older(
    pool: &PgPool,
    rows: Rows,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64> {
    let (table, which) = rows.which();
    let sql = format!(
        "delete from {table} where id in (select id from {table} where {which} limit $2
             for update skip locked)"
    );
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before).bind(limit).execute(pool).await?;
    Ok(done.rows_affected())
}

/// The time of the audit log's first entry.
///
/// # Errors
/// When the database refuses.
pub async fn first_entry(pool: &PgPool) -> Result<Option<DateTime<Utc>>> {
    let sql = "select time from audit order by seq limit 1";
    Ok(sqlx::query_scalar(sql).fetch_optional(pool).await?)
}

/// The last of the first `limit` entries that are all older, and not the log's last: what can be
/// dropped up to.
///
/// # Errors
/// When the database refuses, or the hash is damaged.
pub async fn last_to_drop(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Option<Head>> {
    let row = sqlx::query(
        "with first as (select seq, time, hash from audit order by seq limit $2)
         select seq, hash from first
         where seq < coalesce((select min(seq) from first where time >= $1), 9223372036854775807)
           and seq < (select seq from audit_head)
         order by seq desc limit 1",
    )
    .bind(before)
    .bind(limit)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Head { seq: row.try_get(0)?, hash: sized("audit", "hash", row.try_get(1)?)? }))
}

/// Drops the audit log's entries up to one, which becomes the place where the log begins; how many
/// went.
///
/// # Errors
/// When the database refuses: they are not old, or the last one would go.
pub async fn drop_entries(
    conn: &mut PgConnection,
    last: Head,
    now: DateTime<Utc>,
    mac: &Link,
) -> Result<i64> {
    Ok(sqlx::query_scalar("select audit_drop($1, $2, $3, $4)")
        .bind(last.seq)
        .bind(last.hash.as_slice())
        .bind(now)
        .bind(mac.as_slice())
        .fetch_one(conn)
        .await?)
}
