//! The event table: append, and the reads that feed folds.

mod arrived;
mod known;
mod spellings;

pub use arrived::{Arrived, Place, arrived};
pub use known::{Known, is_shared, known, known_at, note_rewritten, rewrite, rewritten};
pub use spellings::respell;

use crate::Result;
use crate::parsed::{parsed, parsed_if};
use chrono::{DateTime, Utc};
use domain::keys::Marks;
use domain::{Event, Region};
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// Which events are failures: [`domain::Kind::is_failure`] as Postgres reads it, and as the index
/// on failures spells it, which answers no other spelling.
macro_rules! is_failure {
    () => {
        "kind in ('failed', 'blocked', 'undelivered', 'expired')"
    };
}
pub(crate) use is_failure;

/// The same for statements that are composed.
pub(crate) const IS_FAILURE: &str = is_failure!();

/// An event with what was derived from it at ingest.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The event.
    pub event: Event,
    /// Its key.
    pub key: Uuid,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// The number's region.
    pub region: Option<Region>,
    /// The browser's family, as uap-core names it.
    pub browser: Option<Arc<str>>,
    /// The operating system's family.
    pub os: Option<Arc<str>>,
    /// What whoever tells of it is believed.
    pub marks: Marks,
}

/// Appends events whose keys the store has never seen, in one statement; returns the keys that
/// were new. No two of `events` may have the same key, and their partitions must be there.
///
/// # Errors
/// When the database refuses.
pub async fn append(
    conn: &mut PgConnection,
    events: &[&NewEvent],
    received: DateTime<Utc>,
) -> Result<HashSet<Uuid>> {
    fn column<'a, T>(events: &[&'a NewEvent], get: impl Fn(&'a NewEvent) -> T) -> Vec<T> {
        events.iter().copied().map(get).collect()
    }
    let text = |get: fn(&Event) -> &Option<String>| -> Vec<Option<&str>> {
        events.iter().map(|row| get(&row.event).as_deref()).collect()
    };
    let rows = sqlx::query(
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
        -- Keys in order, so that two writers with the same keys wait for each other instead of
        -- meeting in a deadlock.
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
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// Where the tail stands: it has read every row below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Transactions below this have been read whole.
    pub xid: i64,
}

/// A failure as the column table keeps it; texts are empty where the event had none.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// When, µs since 1970.
    pub time: i64,
    /// Its kind.
    pub kind: domain::Kind,
    /// Its channel.
    pub channel: Option<domain::Channel>,
    /// The number.
    pub phone: &'a str,
    /// The address.
    pub ip: &'a str,
    /// The neutral reason.
    pub reason: &'a str,
    /// The source's own words.
    pub reason_text: &'a str,
    /// The browser's family.
    pub browser: &'a str,
    /// The operating system's family.
    pub os: &'a str,
    /// The flow.
    pub flow: &'a str,
    /// The number's region.
    pub region: &'a str,
    /// What the source calls what was done.
    pub operation: &'a str,
}

/// The first transaction that may still be open: every one below has ended.
///
/// # Errors
/// When the database refuses.
pub async fn horizon(pool: &PgPool) -> Result<Position> {
    // xid8 has no wire type of its own in the driver; 63 bits of it last for ever.
    let xid = sqlx::query_scalar("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        .fetch_one(pool)
        .await?;
    Ok(Position { xid })
}

/// Hands over, row by row, the failures that transactions from `since` to below `until` wrote,
/// with times from `from` on. `until` must come from [`horizon`]: its transactions have ended, so
/// that no row is ever missed.
///
/// # Errors
/// When the database refuses; what was handed over by then is a part.
pub async fn failures_between(
    pool: &PgPool,
    since: Position,
    until: Position,
    from: DateTime<Utc>,
    mut each: impl FnMut(Failure<'_>),
) -> Result<()> {
    // From the beginning, the index on failures by time leads; afterwards the one on (xid, seq).
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

/// The time of the `n`th newest failure, if there are so many.
///
/// # Errors
/// When the database refuses.
pub async fn nth_newest_failure(pool: &PgPool, n: i64) -> Result<Option<DateTime<Utc>>> {
    let sql = concat!(
        "select time from event where ",
        is_failure!(),
        " order by time desc offset $1 limit 1"
    );
    Ok(sqlx::query_scalar(sql).bind(n).fetch_optional(pool).await?)
}

/// By the columns' places: a start reads millions.
fn failure(row: &PgRow) -> Result<Failure<'_>> {
    let text = |at: usize| row.try_get::<Option<&str>, _>(at).map(Option::unwrap_or_default);
    let time: DateTime<Utc> = row.try_get(0)?;
    Ok(Failure {
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
