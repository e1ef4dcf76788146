//! What the engine's table of recent attempts is read from.

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

/// An attempt as the table keeps it; texts are empty where it has none.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its identity.
    pub id: Uuid,
    /// When it began, µs since 1970.
    pub time: i64,
    /// What came of it.
    pub outcome: Kind,
    /// Whether any source told that its code was delivered.
    pub delivered: bool,
    /// By which channel.
    pub channel: Option<Channel>,
    /// Its number.
    pub phone: Option<PhoneNumber>,
    /// Its address.
    pub ip: Option<IpAddr>,
    /// Its number's region.
    pub region: &'a str,
    /// Its flow.
    pub flow: &'a str,
    /// Its carrier.
    pub carrier: &'a str,
    /// Its browser's family.
    pub browser: &'a str,
    /// The neutral reason of its outcome.
    pub reason: &'a str,
    /// What it cost, and in which currency.
    pub cost: Option<(Decimal, &'a str)>,
}

/// Attempts with the columns that [`read`] takes.
macro_rules! seen {
    () => {
        "select id, time, outcome, delivered, channel, phone, host(ip), region, flow, carrier,
             browser, reason, cost_amount, cost_currency
         from attempt "
    };
}

/// Hands over at most `limit` attempts, the newest first, that began at `from` or later and, if
/// given, come after the attempt that began at `after`'s time with its id; the last one's time and
/// id.
///
/// # Errors
/// When the database refuses.
pub async fn newest(
    pool: &PgPool,
    after: Option<(DateTime<Utc>, Uuid)>,
    from: DateTime<Utc>,
    limit: i64,
    mut each: impl FnMut(Seen<'_>),
) -> Result<Option<(DateTime<Utc>, Uuid)>> {
    let (time, id) = after.unzip();
    // Said apart, so that the planner sees one range of the index on (time, id).
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

/// Hands over the attempts of these ids that there are, in no order.
///
/// # Errors
/// When the database refuses.
pub async fn these(pool: &PgPool, ids: &[Uuid], mut each: impl FnMut(Seen<'_>)) -> Result<()> {
    let sql = concat!(seen!(), "where id = any($1)");
    let mut rows = sqlx::query(sql).bind(ids).fetch(pool);
    while let Some(row) = rows.try_next().await? {
        each(read(&row)?);
    }
    Ok(())
}

/// Whose events were written by transactions from `since` to below `until`, each id once for each
/// event. `until` must come from [`crate::events::horizon`].
///
/// # Errors
/// When the database refuses; what was handed over by then is a part.
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

/// When the oldest attempt began.
///
/// # Errors
/// When the database refuses.
pub async fn oldest(pool: &PgPool) -> Result<Option<DateTime<Utc>>> {
    Ok(sqlx::query_scalar("select min(time) from attempt").fetch_one(pool).await?)
}

/// By the columns' places: a start reads millions.
fn read(row: &PgRow) -> Result<Seen<'_>> {
    let text = |at: usize| row.try_get::<Option<&str>, _>(at);
    let or_empty = |at: usize| text(at).map(Option::unwrap_or_default);
    let time: DateTime<Utc> = row.try_get(1)?;
    let amount: Option<Decimal> = row.try_get(12)?;
    Ok(Seen {
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
