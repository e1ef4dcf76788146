//! The timeline of an attempt: its events from every source.

use crate::parsed::{cost, named, read_all};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::{Cost, Kind, PhoneNumber, Reason};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// An event on the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEvent {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// When Tollwarden received it.
    pub received: DateTime<Utc>,
    /// Name of the source that sent it.
    pub source: String,
    /// The source's id for it.
    pub id: String,
    /// What happened.
    pub kind: Kind,
    /// User name, as the source spells it.
    pub user: Option<String>,
    /// Number that the code was for.
    pub phone: Option<PhoneNumber>,
    /// IP address of the user.
    pub ip: Option<IpAddr>,
    /// Device id from the source.
    pub device: Option<String>,
    /// Operating system family.
    pub os: Option<String>,
    /// Neutral reason code.
    pub reason: Option<Reason>,
    /// Reason as worded by the source.
    pub reason_text: Option<String>,
    /// The provider's id of the message or call.
    pub provider_ref: Option<String>,
    /// Cost of the message or call.
    pub cost: Option<Cost>,
    /// Further fields from the source, a JSON object.
    pub extra: Option<Value>,
}

/// The events of an attempt in order, at most `limit`, on the days from `first` to `last`: the
/// index starts with the day.
pub async fn events(
    db: impl PgExecutor<'_>,
    attempt: Uuid,
    (first, last): (DateTime<Utc>, DateTime<Utc>),
    limit: i64,
) -> Result<Vec<TimelineEvent>> {
    let query = sqlx::query(
        r#"select time, received, source, id, kind, "user", phone, host(ip) as ip, device, os, reason,
               reason_text, provider_ref, cost_amount, cost_currency, extra
           from generate_series(timezone('UTC', $2)::date::timestamp, timezone('UTC', $3)::date,
                   interval '1 day') as asked (day)
           cross join lateral (
               select * from event
               where timezone('UTC', time)::date = asked.day::date
                 and uuid_hash(attempt) = uuid_hash($1) and attempt = $1
                 -- Selects the partition of the day.
                 and time >= timezone('UTC', asked.day)
                 and time < timezone('UTC', asked.day + interval '1 day')
           ) as told
           order by time, seq limit $4"#,
    )
    .bind(attempt)
    .bind(first)
    .bind(last)
    .bind(limit);
    read_all(db, query, read).await
}

pub(crate) fn read(row: &PgRow) -> Result<TimelineEvent> {
    let missing = || Error::corrupt("event", "no kind");
    Ok(TimelineEvent {
        time: row.try_get("time")?,
        received: row.try_get("received")?,
        source: row.try_get("source")?,
        id: row.try_get("id")?,
        kind: named("event", row, "kind")?.ok_or_else(missing)?,
        user: row.try_get("user")?,
        phone: named("event", row, "phone")?,
        ip: named("event", row, "ip")?,
        device: row.try_get("device")?,
        os: row.try_get("os")?,
        reason: named("event", row, "reason")?,
        reason_text: row.try_get("reason_text")?,
        provider_ref: row.try_get("provider_ref")?,
        cost: cost(row)?,
        extra: row.try_get("extra")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::{NewEvent, append};
    use crate::partitions::{Month, ensure};
    use chrono::TimeDelta;
    use domain::sources::neutral;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn an_attempts_events_are_found_over_months(pool: PgPool) -> Result<()> {
        let last = domain::period::parse_time("2026-12-01T00:00:10Z").unwrap();
        let times = ["2026-11-30T23:59:59.5Z", "2026-12-01T00:00:00Z", "2026-12-01T00:00:09Z"];
        let events: Vec<_> = ["a", "b"]
            .iter()
            .flat_map(|journey| times.map(|time| (*journey, time)))
            .map(|(journey, time)| {
                let event = json!({
                    "id": format!("{journey}{time}"), "time": time, "kind": "sent",
                    "journey": journey, "phone": "+14155550100", "channel": "sms",
                    "cost": { "amount": "0.03", "currency": "EUR" }, "extra": { "x": 1 },
                });
                let source = "shop".parse().unwrap();
                let event = neutral::parse(event.to_string().as_bytes(), &source, last).unwrap();
                NewEvent::of(event, None, domain::keys::Marks::IMPORT)
            })
            .collect();
        let first = events[0].event.time;
        ensure(&pool, &[Month::of(first), Month::of(last)]).await?;
        let mut conn = pool.acquire().await?;
        append(&mut conn, &events.iter().collect::<Vec<_>>(), last).await?;
        let told = super::events(&pool, events[0].attempt, (first, last), 10).await?;
        let found: Vec<_> = told.iter().map(|told| told.time).collect();
        let expected: Vec<_> = events[..3].iter().map(|row| row.event.time).collect();
        assert_eq!(found, expected);
        assert_eq!((told[0].kind, told[0].source.as_str()), (Kind::Sent, "shop"));
        assert_eq!(told[0].cost.as_ref().map(|cost| cost.currency.as_str()), Some("EUR"));
        assert_eq!(told[0].extra, Some(json!({ "x": 1 })));
        let some = super::events(&pool, events[0].attempt, (first, last), 2).await?;
        assert_eq!(some.len(), 2);
        let later = (first + TimeDelta::seconds(1), last);
        assert_eq!(super::events(&pool, events[3].attempt, later, 10).await?.len(), 2);
        Ok(())
    }
}
