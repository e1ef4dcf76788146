//! Signs of an attack on users: prompts denied and approved, and automatic blocking that stopped.

use crate::Result;
use crate::parsed::{parsed, parsed_if};
use chrono::{DateTime, Utc};
use domain::Kind;
use sqlx::{PgExecutor, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// Users, as their sources write them, who denied at least so many push prompts since a time; of
/// more than `limit` those who denied one last.
///
/// # Errors
/// When the database refuses.
pub async fn deniers(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    least: i64,
    limit: i64,
) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        r#"select "user" from event
           where kind = 'denied' and time >= $1 and "user" is not null
           group by "user" having count(*) >= $2 order by max(time) desc, "user" limit $3"#,
    )
    .bind(since)
    .bind(least)
    .bind(limit)
    .fetch_all(db)
    .await?)
}

/// A push prompt of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Its attempt.
    pub attempt: Uuid,
    /// When it was answered; when it was sent, if it never was.
    pub time: DateTime<Utc>,
    /// What it came to.
    pub outcome: Kind,
    /// Whether it was denied or approved: a report afterwards makes another outcome of it.
    pub answer: Option<Kind>,
    /// Whose, by the name for comparison.
    pub user: String,
    /// From where it was asked for.
    pub ip: Option<IpAddr>,
    /// The user flow that asked.
    pub flow: Option<String>,
}

/// The push prompts of users of these names (as compared) since a time, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn prompts(
    db: impl PgExecutor<'_>,
    names: &[String],
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Prompt>> {
    let rows = sqlx::query(
        "select id, coalesce(answered, time) as time, outcome, answer, user_key, host(ip) as ip,
             flow
         from (select * from attempt
               -- The index leads with the day and a hash (migration 0008_lookup).
               where timezone('UTC', time)::date = any(array(
                       select day::date from generate_series(timezone('UTC', $2)::date::timestamp,
                           (select timezone('UTC', max(time)) from attempt), interval '1 day')
                           as day))
                   and hashtext(user_key)
                       = any(array(select hashtext(name) from unnest($1::text[]) as name))
                   and user_key = any($1) and time >= $2 and channel = 'push'
               order by time desc, id desc limit $3) as asked
         left join lateral (
             select kind as answer, event.time as answered from event
             -- Day and hash lead to the row, the time to few partitions.
             where timezone('UTC', event.time)::date = any(array[
                     timezone('UTC', asked.time)::date, timezone('UTC', asked.time)::date + 1])
               and uuid_hash(attempt) = uuid_hash(asked.id) and attempt = asked.id
               and kind in ('denied', 'approved')
               and event.time >= asked.time and event.time < asked.time + interval '1 day'
             order by kind = 'approved' desc, event.time limit 1) as answers on true
         order by asked.time desc, id desc",
    )
    .bind(names)
    .bind(since)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Prompt {
                attempt: row.try_get("id")?,
                time: row.try_get("time")?,
                answer: parsed_if("attempt", row.try_get("answer")?)?,
                outcome: parsed("attempt", row.try_get("outcome")?)?,
                user: row.try_get("user_key")?,
                ip: parsed_if("attempt", row.try_get("ip")?)?,
                flow: row.try_get("flow")?,
            })
        })
        .collect()
}

/// Reports that the breaker kept from blocking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// When the first came in.
    pub first: DateTime<Utc>,
    /// When the last came in.
    pub last: DateTime<Utc>,
    /// How many there are.
    pub reports: i64,
}

/// Those since a time; nothing when there are none.
///
/// # Errors
/// When the database refuses.
pub async fn broken(db: impl PgExecutor<'_>, since: DateTime<Utc>) -> Result<Option<Broken>> {
    let row = sqlx::query(
        "select min(received) as first, max(received) as last, count(*) as reports
         from fraud_report where broken and received >= $1",
    )
    .bind(since)
    .fetch_one(db)
    .await?;
    let ends: (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
        (row.try_get("first")?, row.try_get("last")?);
    let (Some(first), Some(last)) = ends else { return Ok(None) };
    Ok(Some(Broken { first, last, reports: row.try_get("reports")? }))
}
