//! Source of the engine's in-memory table of recent attempts.

use crate::events::Position;
use crate::parsed::{parsed, parsed_if};
use crate::{Result, micros};
use chrono::{DateTime, Utc};
use domain::{Channel, Kind, PhoneNumber};
use futures::TryStreamExt as _;
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// An attempt for the table. Texts are empty where it has none.
#[derive(Debug, Clone, Copy)]
pub struct TableAttempt<'a> {
    /// Id of the attempt.
    pub id: Uuid,
    /// Time of its first event, in µs since 1970.
    pub time: i64,
    /// Kind of the event that decided it.
    pub outcome: Kind,
    /// Whether any source reported delivery of the code.
    pub delivered: bool,
    /// How the code was delivered, if a source says so.
    pub channel: Option<Channel>,
    /// Number that the code was for.
    pub phone: Option<PhoneNumber>,
    /// IP address of the user.
    pub ip: Option<IpAddr>,
    /// Region code of the number.
    pub region: &'a str,
    /// Sign-in flow from the source.
    pub flow: &'a str,
    /// Carrier from the provider.
    pub carrier: &'a str,
    /// Browser family.
    pub browser: &'a str,
    /// Neutral reason code of the outcome.
    pub reason: &'a str,
    /// Amount and currency.
    pub cost: Option<(Decimal, &'a str)>,
}

/// Selects the columns that [`read`] needs.
macro_rules! seen {
    () => {
        "select id, time, outcome, delivered, channel, phone, host(ip), region, flow, carrier,
             browser, reason, cost_amount, cost_currency
         from attempt "
    };
}

/// Passes to `each` at most `limit` attempts since `from`, newest first, that follow `after` if it
/// is given. Returns time and id of the last one, for the next call.
pub async fn newest(
    pool: &PgPool,
    after: Option<(DateTime<Utc>, Uuid)>,
    from: DateTime<Utc>,
    limit: i64,
    mut each: impl FnMut(TableAttempt<'_>),
) -> Result<Option<(DateTime<Utc>, Uuid)>> {
    let (time, id) = after.unzip();
    // Two statements, so that the planner sees a single range of the index on (time, id).
    let sql = if after.is_some() {
        concat!(
            seen!(),
            "where time >= $1 and (time, id) < ($3, $4) order by time desc, id desc limit $2"
        )
    } else {
        concat!(
            seen!(),
            "where time >= $1 and $3::timestamptz is null and $4::uuid is null
             order by time desc, id desc limit $2"
        )
    };
    let mut rows = sqlx::query(sql).bind(from).bind(limit).bind(time).bind(id).fetch(pool);
    let mut last = None;
    while let Some(row) = rows.try_next().await? {
        let seen = read(&row)?;
        last = Some((row.try_get(1)?, seen.id));
        each(seen);
    }
    Ok(last)
}

/// Passes to `each` the existing attempts with these ids, in no order.
pub async fn these(
    pool: &PgPool,
    ids: &[Uuid],
    mut each: impl FnMut(TableAttempt<'_>),
) -> Result<()> {
    let sql = concat!(seen!(), "where id = any($1)");
    let mut rows = sqlx::query(sql).bind(ids).fetch(pool);
    while let Some(row) = rows.try_next().await? {
        each(read(&row)?);
    }
    Ok(())
}

/// Passes to `each` the attempt ids of events that transactions from `since` to below `until`
/// wrote, once per event. `until` must come from [`crate::events::horizon`].
///
/// # Errors
/// After an error, `each` has seen only a part of the ids.
pub async fn changed(
    pool: &PgPool,
    since: Position,
    until: Position,
    mut each: impl FnMut(Uuid),
) -> Result<()> {
    let mut rows = sqlx::query_scalar(
        "select attempt from event where xid >= $1::text::xid8 and xid < $2::text::xid8",
    )
    .bind(since.xid.to_string())
    .bind(until.xid.to_string())
    .fetch(pool);
    while let Some(id) = rows.try_next().await? {
        each(id);
    }
    Ok(())
}

/// Time of the oldest attempt.
pub async fn oldest(pool: &PgPool) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar("select min(time) from attempt").fetch_one(pool).await?)
}

/// Reads columns by position, since a start reads millions of rows.
fn read(row: &PgRow) -> Result<TableAttempt<'_>> {
    let text = |at: usize| row.try_get::<Option<&str>, _>(at);
    let or_empty = |at: usize| text(at).map(Option::unwrap_or_default);
    let time: DateTime<Utc> = row.try_get(1)?;
    let amount: Option<Decimal> = row.try_get(12)?;
    Ok(TableAttempt {
        id: row.try_get(0)?,
        time: micros(time),
        outcome: parsed("attempt", row.try_get(2)?)?,
        delivered: row.try_get(3)?,
        channel: parsed_if("attempt", text(4)?)?,
        phone: parsed_if("attempt", text(5)?)?,
        ip: parsed_if("attempt", text(6)?)?,
        region: or_empty(7)?,
        flow: or_empty(8)?,
        carrier: or_empty(9)?,
        browser: or_empty(10)?,
        reason: or_empty(11)?,
        cost: amount.zip(text(13)?),
    })
}
