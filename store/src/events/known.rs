//! Events that were sent again: looked up, and updated where the repetition has more.

use super::NewEvent;
use crate::parsed::{column, cost, named, read_all};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::keys::Marks;
use domain::{Channel, Event, PhoneNumber, Reason, Region};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _};
use std::sync::Arc;
use uuid::Uuid;

/// A stored event and the address of its row.
#[derive(Debug)]
pub struct StoredEvent {
    /// As stored; of the marks only `counts` is.
    pub row: NewEvent,
    /// When it was first received.
    pub received: DateTime<Utc>,
    place: String,
    partition: i64,
}

/// The columns that [`read`] needs.
const COLUMNS: &str = r#"ctid::text as place, tableoid::bigint as partition, received, key, attempt,
    time, source, id, kind, journey, "user", device, flow, app, phone, region, channel,
    host(ip) as ip, user_agent, browser, os, reason, reason_text, provider_ref, carrier,
    cost_amount, cost_currency, extra, counts"#;

/// Events by key, time and attempt, locked. The day of the time must match. Erased events have
/// another id. `asked` must not contain duplicates.
pub async fn known(
    conn: &mut PgConnection,
    asked: &[(Uuid, DateTime<Utc>, Uuid)],
) -> Result<Vec<StoredEvent>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    // The index starts with day and attempt. Ordered, so that two writers cannot deadlock.
    let query = sqlx::query(AssertSqlSafe(format!(
        "select told.* from (
               select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[])
                   as asked (key, time, attempt) order by key
           ) as asked cross join lateral (
               select {COLUMNS} from event
               where timezone('UTC', time)::date = timezone('UTC', asked.time)::date
                 and uuid_hash(attempt) = uuid_hash(asked.attempt)
                 and attempt = asked.attempt and key = asked.key
                 -- Selects the partition of the day.
                 and time >= timezone('UTC', timezone('UTC', asked.time)::date::timestamp)
                 and time < timezone('UTC',
                     timezone('UTC', asked.time)::date::timestamp + interval '1 day')
               for update
           ) as told"
    )))
    .bind(column(asked, |(key, ..)| *key))
    .bind(column(asked, |(_, time, _)| *time))
    .bind(column(asked, |(.., attempt)| *attempt));
    read_all(conn, query, read).await
}

/// Events by key and time to within a second, locked. Slower than [`known`]: for events whose
/// attempt is not the one sent now.
pub async fn known_at(
    conn: &mut PgConnection,
    asked: &[(Uuid, DateTime<Utc>)],
) -> Result<Vec<StoredEvent>> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query(AssertSqlSafe(format!(
        "select told.* from (
               select * from unnest($1::uuid[], $2::timestamptz[]) as asked (key, time) order by key
           ) as asked cross join lateral (
               select {COLUMNS} from event
               where key = asked.key and time > asked.time - interval '1 second'
                 and time < asked.time + interval '1 second'
               for update
           ) as told"
    )))
    .bind(column(asked, |(key, _)| *key))
    .bind(column(asked, |(_, time)| *time));
    read_all(conn, query, read).await
}

fn read(row: &PgRow) -> Result<StoredEvent> {
    let missing = || Error::corrupt("event", "no source or kind");
    let extra: Option<Json<serde_json::Map<String, serde_json::Value>>> = row.try_get("extra")?;
    let phone = row.try_get::<Option<&str>, _>("phone")?.map(PhoneNumber::from_e164).transpose();
    let phone = phone.map_err(|error| Error::corrupt("event", error))?;
    let event = Event {
        source: named("event", row, "source")?.ok_or_else(missing)?,
        id: row.try_get("id")?,
        time: row.try_get("time")?,
        kind: named("event", row, "kind")?.ok_or_else(missing)?,
        journey: row.try_get("journey")?,
        user: row.try_get("user")?,
        device: row.try_get("device")?,
        flow: row.try_get("flow")?,
        app: row.try_get("app")?,
        phone,
        channel: named("event", row, "channel")?,
        ip: named("event", row, "ip")?,
        user_agent: row.try_get("user_agent")?,
        reason: named("event", row, "reason")?,
        reason_text: row.try_get("reason_text")?,
        provider_ref: row.try_get("provider_ref")?,
        carrier: row.try_get("carrier")?,
        cost: cost(row)?,
        extra: extra.map(|extra| extra.0).unwrap_or_default(),
    };
    let family = |name| -> Result<Option<Arc<str>>> {
        Ok(row.try_get::<Option<&str>, _>(name)?.map(Arc::from))
    };
    let (place, partition) = (row.try_get("place")?, row.try_get("partition")?);
    let received = row.try_get("received")?;
    let row = NewEvent {
        event,
        key: row.try_get("key")?,
        attempt: row.try_get("attempt")?,
        region: named("event", row, "region")?,
        browser: family("browser")?,
        os: family("os")?,
        marks: Marks { counts: row.try_get("counts")?, ..Marks::default() },
    };
    Ok(StoredEvent { row, received, place, partition })
}

/// Updates a locked event, except its key, source, id, time and kind.
pub async fn rewrite(conn: &mut PgConnection, known: &StoredEvent) -> Result<()> {
    let NewEvent { event, attempt, region, browser, os, marks, .. } = &known.row;
    let done = sqlx::query(
        r#"update event set attempt = $4, journey = $5, "user" = $6, device = $7, flow = $8,
               app = $9, phone = $10, region = $11, channel = $12, ip = $13::inet,
               user_agent = $14, browser = $15, os = $16, reason = $17, reason_text = $18,
               provider_ref = $19, carrier = $20, cost_amount = $21, cost_currency = $22,
               extra = $23, counts = $24
           where ctid = $1::tid and tableoid = $2::bigint::oid and time = $3"#,
    )
    .bind(&known.place)
    .bind(known.partition)
    .bind(event.time)
    .bind(attempt)
    .bind(&event.journey)
    .bind(&event.user)
    .bind(&event.device)
    .bind(&event.flow)
    .bind(&event.app)
    .bind(event.phone.map(|phone| phone.to_string()))
    .bind(region.as_ref().map(Region::as_str))
    .bind(event.channel.map(Channel::as_str))
    .bind(event.ip.map(|ip| ip.to_string()))
    .bind(&event.user_agent)
    .bind(browser.as_deref())
    .bind(os.as_deref())
    .bind(event.reason.map(Reason::as_str))
    .bind(&event.reason_text)
    .bind(&event.provider_ref)
    .bind(&event.carrier)
    .bind(event.cost.as_ref().map(|cost| cost.amount))
    .bind(event.cost.as_ref().map(|cost| cost.currency.as_str()))
    .bind((!event.extra.is_empty()).then_some(Json(&event.extra)))
    .bind(marks.counts)
    .execute(conn)
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        rows => Err(Error::corrupt("event", format_args!("{rows} rows at one place"))),
    }
}

/// Whether an attempt has more than one event on the day of `time` and the next: a fraud report may
/// follow after midnight.
pub async fn is_shared(
    conn: &mut PgConnection,
    attempt: Uuid,
    time: DateTime<Utc>,
) -> Result<bool> {
    let sql = "select count(*) from (
             select from event
             where timezone('UTC', time)::date
                 in (timezone('UTC', $1)::date, timezone('UTC', $1)::date + 1)
               and uuid_hash(attempt) = uuid_hash($2) and attempt = $2
               and time >= timezone('UTC', timezone('UTC', $1)::date::timestamp)
               and time < timezone('UTC', timezone('UTC', $1)::date::timestamp + interval '2 days')
             limit 2
         ) as found";
    let events: i64 = sqlx::query_scalar(sql).bind(time).bind(attempt).fetch_one(conn).await?;
    Ok(events > 1)
}

/// Makes all servers reload what they cache of events, after some were updated.
pub async fn note_rewritten(conn: &mut PgConnection) -> Result<()> {
    sqlx::query("update event_rewritten set n = n + 1").execute(conn).await?;
    Ok(())
}

/// How often [`note_rewritten`] was called.
pub async fn rewritten(pool: &PgPool) -> Result<i64> {
    Ok(sqlx::query_scalar("select n from event_rewritten").fetch_one(pool).await?)
}
