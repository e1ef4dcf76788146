//! Decisions of the gate: kept with their events, found by their id.

use crate::parsed::parsed;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::gate::{Decision, Verdict, Why};
use domain::numbers::NumberType;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

mod whole;

pub use whole::{Whole, insert_whole};

/// A decision to be kept.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Its id, in the order of time.
    pub id: Uuid,
    /// When it was decided.
    pub time: DateTime<Utc>,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// The key of its event.
    pub event: Uuid,
    /// The number's type.
    pub kind: NumberType,
    /// Whether anybody can have the number.
    pub valid: bool,
    /// The name of the API key that asked.
    pub api_key: &'a str,
    /// What was decided.
    pub decision: &'a Decision,
}

/// A decision as it was kept; what it was about stands in its event.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub time: DateTime<Utc>,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// What was decided.
    pub verdict: Verdict,
    /// What would have been with every shadow rule enforced.
    pub shadow: Verdict,
    /// Seconds to wait.
    pub retry_after: Option<u32>,
    /// The number's type.
    pub kind: NumberType,
    /// Whether anybody can have the number.
    pub valid: bool,
    /// The name of the API key that asked.
    pub api_key: String,
    /// What the code costs by the price table.
    pub cost: Option<Decimal>,
    /// Every reason.
    pub reasons: Vec<Why>,
}

/// Adds decisions, and tells the transaction's number. Their months must have partitions.
///
/// # Errors
/// When the database refuses.
pub async fn insert(conn: &mut PgConnection, rows: &[New<'_>]) -> Result<i64> {
    fn column<'a, 'b, T>(rows: &'a [New<'b>], get: impl Fn(&'a New<'b>) -> T) -> Vec<T> {
        rows.iter().map(get).collect()
    }
    let xid = sqlx::query_scalar(
        "with added as (
         insert into decision (id, time, attempt, event, verdict, shadow, retry_after, type,
             valid, api_key, cost, reasons)
         select id, time, attempt, event, verdict, shadow, retry_after, type, valid, api_key,
             cost, reasons::jsonb
         from unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[], $5::text[],
             $6::text[], $7::integer[], $8::text[], $9::boolean[], $10::text[], $11::numeric[],
             $12::text[])
         as t (id, time, attempt, event, verdict, shadow, retry_after, type, valid, api_key,
             cost, reasons))
         select pg_current_xact_id()::text::bigint",
    )
    .bind(column(rows, |row| row.id))
    .bind(column(rows, |row| row.time))
    .bind(column(rows, |row| row.attempt))
    .bind(column(rows, |row| row.event))
    .bind(column(rows, |row| row.decision.verdict.as_str()))
    .bind(column(rows, |row| row.decision.shadow.as_str()))
    .bind(column(rows, seconds))
    .bind(column(rows, |row| row.kind.as_str()))
    .bind(column(rows, |row| row.valid))
    .bind(column(rows, |row| row.api_key))
    .bind(column(rows, cost))
    .bind(column(rows, reasons))
    .fetch_one(conn)
    .await?;
    Ok(xid)
}

fn seconds(row: &New<'_>) -> Option<i32> {
    row.decision.retry_after.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX))
}

fn cost(row: &New<'_>) -> Option<Decimal> {
    row.decision.cost.map(|cost| Decimal::from_i128_with_scale(i128::from(cost.nano()), 9))
}

fn reasons(row: &New<'_>) -> Option<String> {
    let reasons = &row.decision.reasons;
    // Words, numbers and texts always serialise.
    (!reasons.is_empty()).then(|| serde_json::to_string(reasons).unwrap_or_default())
}

fn read(row: &PgRow) -> Result<Kept> {
    let reasons: Option<serde_json::Value> = row.try_get("reasons")?;
    let reasons = match reasons {
        Some(reasons) => {
            serde_json::from_value(reasons).map_err(|error| Error::corrupt("decision", error))?
        }
        None => Vec::new(),
    };
    let retry_after: Option<i32> = row.try_get("retry_after")?;
    Ok(Kept {
        id: row.try_get("id")?,
        time: row.try_get("time")?,
        attempt: row.try_get("attempt")?,
        verdict: parsed("decision", row.try_get("verdict")?)?,
        shadow: parsed("decision", row.try_get("shadow")?)?,
        retry_after: retry_after.and_then(|seconds| u32::try_from(seconds).ok()),
        kind: parsed("decision", row.try_get("type")?)?,
        valid: row.try_get("valid")?,
        api_key: row.try_get("api_key")?,
        cost: row.try_get("cost")?,
        reasons,
    })
}

/// The decisions of these ids, which were made between two times; those that are not there are
/// left out.
///
/// # Errors
/// When the database refuses, or holds what no version writes.
pub async fn by_ids(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Kept>> {
    // The times choose the partitions; ids alone would ask every one of them.
    let rows = sqlx::query(
        "select * from decision where id = any($1) and time >= $2 and time <= $3 order by id",
    )
    .bind(ids)
    .bind(from)
    .bind(to)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}
