//! The event table: appending, and reading failures since a position.

mod arrived;
mod known;
mod spellings;

pub use arrived::{ArrivalPosition, Arrived, arrived};
pub use known::{StoredEvent, is_shared, known, known_at, note_rewritten, rewrite, rewritten};
pub use spellings::respell;

use crate::Result;
use crate::parsed::{column, parsed, parsed_if};
use chrono::{DateTime, Utc};
use domain::keys::Marks;
use domain::{Event, Region};
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// [`domain::Kind::is_failure`] in SQL, spelled exactly as in the index on failures, which no other
/// spelling uses.
macro_rules! is_failure {
    () => {
        "kind in ('failed', 'blocked', 'undelivered', 'expired')"
    };
}
pub(crate) use is_failure;

/// [`is_failure`] for composed statements.
pub(crate) const IS_FAILURE: &str = is_failure!();

/// An event with the values derived from it at ingest.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// As the source sent it.
    pub event: Event,
    /// Unique key, derived from source and id.
    pub key: Uuid,
    /// Id of its attempt.
    pub attempt: Uuid,
    /// Region of the phone number.
    pub region: Option<Region>,
    /// Browser family, as named by uap-core.
    pub browser: Option<Arc<str>>,
    /// Operating system family, as named by uap-core.
    pub os: Option<Arc<str>>,
    /// How far its sender is trusted.
    pub marks: Marks,
}

impl NewEvent {
    /// An event in the attempt of its journey, without the families of a user agent.
    pub fn of(event: Event, region: Option<Region>, marks: Marks) -> Self {
        let (key, attempt) = (event.key().0, event.attempt());
        Self { event, key, attempt, region, browser: None, os: None, marks }
    }
}

/// Appends events with new keys in one statement, and returns these keys. No two of `events` may
/// have the same key, and their partitions must exist.
pub async fn append(
    conn: &mut PgConnection,
    events: &[&NewEvent],
    received: DateTime<Utc>,
) -> Result<HashSet<Uuid>> {
    let text = |get: fn(&Event) -> &Option<String>| -> Vec<Option<&str>> {
        events.iter().map(|row| get(&row.event).as_deref()).collect()
    };
    let keys: Vec<Uuid> = sqlx::query_scalar(
        r#"
        with incoming as (
            select * from unnest(
                $2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
                $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::text[],
                $20::text[], $21::text[], $22::text[], $23::text[], $24::numeric[], $25::text[],
                $26::text[], $27::boolean[]
            ) as t (
                key, attempt, time, source, id, kind, journey, "user", device, flow, app, phone,
                region, channel, ip, user_agent, browser, os, reason, reason_text, provider_ref,
                carrier, cost_amount, cost_currency, extra, counts
            )
        ),
        -- Ordered, so that two writers with the same keys cannot deadlock.
        fresh as (
            insert into event_key (key) select key from incoming order by key
            on conflict do nothing returning key
        )
        insert into event (
            key, attempt, time, received, source, id, kind, journey, "user", device, flow, app,
            phone, region, channel, ip, user_agent, browser, os, reason, reason_text,
            provider_ref, carrier, cost_amount, cost_currency, extra, counts
        )
        select
            key, attempt, time, $1, source, id, kind, journey, "user", device, flow, app,
            phone, region, channel, ip::inet, user_agent, browser, os, reason, reason_text,
            provider_ref, carrier, cost_amount, cost_currency, extra::jsonb, counts
        from incoming join fresh using (key)
        returning key
        "#,
    )
    .bind(received)
    .bind(column(events, |row| row.key))
    .bind(column(events, |row| row.attempt))
    .bind(column(events, |row| row.event.time))
    .bind(column(events, |row| row.event.source.as_str()))
    .bind(column(events, |row| row.event.id.as_str()))
    .bind(column(events, |row| row.event.kind.as_str()))
    .bind(text(|event| &event.journey))
    .bind(text(|event| &event.user))
    .bind(text(|event| &event.device))
    .bind(text(|event| &event.flow))
    .bind(text(|event| &event.app))
    .bind(column(events, |row| row.event.phone.map(|phone| phone.to_string())))
    .bind(column(events, |row| row.region.as_ref().map(Region::as_str)))
    .bind(column(events, |row| row.event.channel.map(|channel| channel.as_str())))
    .bind(column(events, |row| row.event.ip.map(|ip| ip.to_string())))
    .bind(text(|event| &event.user_agent))
    .bind(column(events, |row| row.browser.as_deref()))
    .bind(column(events, |row| row.os.as_deref()))
    .bind(column(events, |row| row.event.reason.map(|reason| reason.as_str())))
    .bind(text(|event| &event.reason_text))
    .bind(text(|event| &event.provider_ref))
    .bind(text(|event| &event.carrier))
    .bind(column(events, |row| row.event.cost.as_ref().map(|cost| cost.amount)))
    .bind(column(events, |row| row.event.cost.as_ref().map(|cost| cost.currency.as_str())))
    .bind(column(events, |row| {
        (!row.event.extra.is_empty())
            // A map of JSON values always serialises.
            .then(|| serde_json::to_string(&row.event.extra).unwrap_or_default())
    }))
    .bind(column(events, |row| row.marks.counts))
    .fetch_all(conn)
    .await?;
    Ok(keys.into_iter().collect())
}

/// How far a reader that follows new rows has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// All rows of transactions below this have been read.
    pub xid: i64,
}

/// A failure for the column table in memory. Texts are empty where the event had none.
#[derive(Debug, Clone, Copy)]
pub struct ColumnFailure<'a> {
    /// Time of the event, in µs since 1970.
    pub time: i64,
    /// One of the kinds that are failures.
    pub kind: domain::Kind,
    /// How the code was delivered, if the source says so.
    pub channel: Option<domain::Channel>,
    /// Phone number in E.164.
    pub phone: &'a str,
    /// IP address of the user.
    pub ip: &'a str,
    /// Neutral reason code.
    pub reason: &'a str,
    /// Reason as worded by the source.
    pub reason_text: &'a str,
    /// Browser family.
    pub browser: &'a str,
    /// Operating system family, as named by uap-core.
    pub os: &'a str,
    /// Sign-in flow from the source.
    pub flow: &'a str,
    /// Region of the phone number.
    pub region: &'a str,
    /// The source's name for the operation.
    pub operation: &'a str,
}

/// The oldest transaction that may still be open: all below have ended.
pub async fn horizon(pool: &PgPool) -> Result<Position> {
    // The driver has no type for xid8; 63 bits of it never run out.
    let sql = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    let xid = sqlx::query_scalar(sql).fetch_one(pool).await?;
    Ok(Position { xid })
}

/// Passes to `each` the failures since `from` that transactions from `since` to below `until`
/// wrote. `until` must come from [`horizon`], so that no row of an open transaction is missed.
///
/// # Errors
/// After an error, `each` has seen only a part of the rows.
pub async fn failures_between(
    pool: &PgPool,
    since: Position,
    until: Position,
    from: DateTime<Utc>,
    mut each: impl FnMut(ColumnFailure<'_>),
) -> Result<()> {
    // The first read uses the index on failures by time, later ones the index on (xid, seq).
    let sql = if since == Position::default() {
        concat!(
            "select time, kind, channel, phone, host(ip), reason, reason_text, browser, os, flow,
                 region, extra->>'operation' from event
             where ",
            is_failure!(),
            " and time >= $1 and xid >= $2::text::xid8 and xid < $3::text::xid8"
        )
    } else {
        concat!(
            "select time, kind, channel, phone, host(ip), reason, reason_text, browser, os, flow,
                 region, extra->>'operation' from event
             where xid >= $2::text::xid8 and xid < $3::text::xid8 and time >= $1 and ",
            is_failure!(),
            " order by xid, seq"
        )
    };
    let mut rows = sqlx::query(sql)
        .bind(from)
        .bind(since.xid.to_string())
        .bind(until.xid.to_string())
        .fetch(pool);
    while let Some(row) = rows.try_next().await? {
        each(failure(&row)?);
    }
    Ok(())
}

/// The time of the failure after the `n` newest ones, if there are as many.
pub async fn nth_newest_failure(pool: &PgPool, n: i64) -> Result<Option<DateTime<Utc>>> {
    let sql = concat!(
        "select time from event where ",
        is_failure!(),
        " order by time desc offset $1 limit 1"
    );
    Ok(sqlx::query_scalar(sql).bind(n).fetch_optional(pool).await?)
}

/// Reads columns by position, since a start reads millions of rows.
fn failure(row: &PgRow) -> Result<ColumnFailure<'_>> {
    let text = |at: usize| row.try_get::<Option<&str>, _>(at).map(Option::unwrap_or_default);
    let time: DateTime<Utc> = row.try_get(0)?;
    Ok(ColumnFailure {
        time: crate::micros(time),
        kind: parsed("event", row.try_get(1)?)?,
        channel: parsed_if("event", row.try_get(2)?)?,
        phone: text(3)?,
        ip: text(4)?,
        reason: text(5)?,
        reason_text: text(6)?,
        browser: text(7)?,
        os: text(8)?,
        flow: text(9)?,
        region: text(10)?,
        operation: text(11)?,
    })
}

#[cfg(test)]
mod tests {
    use super::IS_FAILURE;
    use domain::Kind;
    use std::collections::BTreeSet;

    #[test]
    fn failures_are_the_domains_and_the_indexs() {
        let said: BTreeSet<_> = IS_FAILURE.split('\'').skip(1).step_by(2).collect();
        let failures = Kind::ALL.iter().filter(|kind| kind.is_failure());
        assert_eq!(said, failures.map(|kind| kind.as_str()).collect());
        let index = format!("where {IS_FAILURE};");
        assert!(include_str!("../../migrations/0001_events.sql").contains(&index));
    }
}
