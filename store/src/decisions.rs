//! Decisions of the gate, stored with their events.

use crate::parsed::{column, parsed, read_all};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::gate::{Decision, ReasonEntry, Verdict};
use domain::numbers::NumberType;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgExecutor, Row as _};
use uuid::Uuid;

mod whole;

pub use whole::{NewDecisions, insert_whole};

/// A decision to store.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Id; ids sort by time.
    pub id: Uuid,
    /// Time of the decision.
    pub time: DateTime<Utc>,
    /// Id of its attempt.
    pub attempt: Uuid,
    /// Key of its event.
    pub event: Uuid,
    /// Type of the phone number.
    pub kind: NumberType,
    /// Whether the phone number is valid in its numbering plan.
    pub valid: bool,
    /// Name of the API key that requested it.
    pub api_key: &'a str,
    /// Verdict, shadow verdict, cost and reasons.
    pub decision: &'a Decision,
}

/// A stored decision; the request is in its event.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDecision {
    /// Id; ids sort by time.
    pub id: Uuid,
    /// Time of the decision.
    pub time: DateTime<Utc>,
    /// Id of its attempt.
    pub attempt: Uuid,
    /// The verdict returned to the caller.
    pub verdict: Verdict,
    /// The verdict if all shadow rules were enforced.
    pub shadow: Verdict,
    /// Seconds until a retry may succeed.
    pub retry_after: Option<u32>,
    /// Type of the phone number.
    pub kind: NumberType,
    /// Whether the phone number is valid in its numbering plan.
    pub valid: bool,
    /// Name of the API key that requested it.
    pub api_key: String,
    /// Cost of the code by the price table.
    pub cost: Option<Decimal>,
    /// Reasons of enforced and of shadow rules.
    pub reasons: Vec<ReasonEntry>,
}

/// Adds decisions and returns the transaction id. Their months must have partitions.
pub async fn insert(conn: &mut PgConnection, rows: &[New<'_>]) -> Result<i64> {
    Ok(sqlx::query_scalar(
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
    .await?)
}

fn seconds(row: &New<'_>) -> Option<i32> {
    row.decision.retry_after.map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX))
}

fn cost(row: &New<'_>) -> Option<Decimal> {
    row.decision.cost.map(|cost| Decimal::from_i128_with_scale(i128::from(cost.nano()), 9))
}

fn reasons(row: &New<'_>) -> Option<String> {
    let reasons = &row.decision.reasons;
    // Reasons have no maps, so that they always serialise.
    (!reasons.is_empty()).then(|| serde_json::to_string(reasons).unwrap_or_default())
}

fn read(row: &PgRow) -> Result<StoredDecision> {
    let reasons: Option<serde_json::Value> = row.try_get("reasons")?;
    let reasons = reasons.map(serde_json::from_value).transpose();
    let retry_after: Option<i32> = row.try_get("retry_after")?;
    Ok(StoredDecision {
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
        reasons: reasons.map_err(|error| Error::corrupt("decision", error))?.unwrap_or_default(),
    })
}

/// The existing decisions with these ids that were made from `from` to `to`.
pub async fn by_ids(
    db: impl PgExecutor<'_>,
    ids: &[Uuid],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<StoredDecision>> {
    // The times select the partitions; by ids alone all of them would be read.
    let sql = "select * from decision where id = any($1) and time >= $2 and time <= $3 order by id";
    read_all(db, sqlx::query(sql).bind(ids).bind(from).bind(to), read).await
}
