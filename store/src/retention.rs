//! Deletion by retention, in pieces, and how much there is to delete.

use crate::Result;
use crate::parsed::sized;
use chrono::{DateTime, Utc};
use domain::audit::{Head, Link};
use sqlx::{PgConnection, PgPool};

/// Largest number of rows counted; beyond it, a page shows "more than".
pub const COUNTED: i64 = 100_000;

/// A kind of rows that retention can delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetainedKind {
    /// Events, dropped by month.
    Events,
    /// Attempts of the dropped months.
    Attempts,
    /// Audit entries.
    Audit,
    /// Rows deleted one by one.
    Rows(RowKind),
}

/// A kind of rows that are deleted one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Handled fraud reports.
    Reports,
    /// Ended and expired blocks.
    Blocks,
    /// Ended, used and expired bypasses.
    Bypasses,
    /// Messages that are not waiting: sent, failed, or kept for lack of a mail server.
    Outbox,
    /// Ended imports.
    Imports,
}

impl RetainedKind {
    fn which(self) -> (&'static str, &'static str) {
        match self {
            Self::Events => ("event", "time < $1"),
            Self::Attempts => ("attempt", "time < $1"),
            Self::Audit => ("audit", "time < $1"),
            Self::Rows(rows) => rows.which(),
        }
    }
}

impl RowKind {
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

/// Number of rows older than `before`, counted up to [`COUNTED`] + 1.
pub async fn older(pool: &PgPool, kept: RetainedKind, before: DateTime<Utc>) -> Result<i64> {
    let (table, which) = kept.which();
    let sql = format!("select count(*) from (select from {table} where {which} limit $2) s");
    let count = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(before).bind(COUNTED + 1);
    Ok(count.fetch_one(pool).await?)
}

/// Deletes at most `limit` rows older than `before`; returns how many.
pub async fn drop_older(
    pool: &PgPool,
    rows: RowKind,
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

/// Time of the first audit entry.
pub async fn first_entry(pool: &PgPool) -> Result<Option<DateTime<Utc>>> {
    let sql = "select time from audit order by seq limit 1";
    Ok(sqlx::query_scalar(sql).fetch_optional(pool).await?)
}

/// The last of the first `limit` entries that can be dropped: all older than `before`, and not the
/// log's last entry.
///
/// # Errors
/// [`crate::Error::Corrupt`] if the hash has the wrong length.
pub async fn last_to_drop(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Option<Head>> {
    let row: Option<(i64, Vec<u8>)> = sqlx::query_as(
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
    row.map(|(seq, hash)| Ok(Head { seq, hash: sized("audit", "hash", hash)? })).transpose()
}

/// Drops audit entries up to `last`, which becomes the anchor of the chain; returns how many.
///
/// # Errors
/// [`crate::Error::Sql`] also if an entry is too recent, or the log's last one would be dropped.
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
