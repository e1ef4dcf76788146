//! Signs of an attack on users: denied push prompts, and automatic blocking that was stopped.

use crate::Result;
use crate::parsed::{parsed, parsed_if};
use chrono::{DateTime, Utc};
use domain::Kind;
use sqlx::{PgExecutor, Row as _};
use std::net::IpAddr;
use uuid::Uuid;

/// Users, as sources spell them, who denied at least `least` push prompts since a time; those with
/// the latest denial first.
pub async fn deniers(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
    least: i64,
    limit: i64,
) -> Result<Vec<String>> {
    let sql = r#"select "user" from event
           where kind = 'denied' and time >= $1 and "user" is not null
           group by "user" having count(*) >= $2 order by max(time) desc, "user" limit $3"#;
    Ok(sqlx::query_scalar(sql).bind(since).bind(least).bind(limit).fetch_all(db).await?)
}

/// A push prompt sent to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Id of its attempt.
    pub attempt: Uuid,
    /// Time of the answer, or of the prompt if it was not answered.
    pub time: DateTime<Utc>,
    /// Outcome of the attempt.
    pub outcome: Kind,
    /// `denied` or `approved`, if answered; a later fraud report changes only the outcome.
    pub answer: Option<Kind>,
    /// Normalised user name.
    pub user: String,
    /// IP address that requested it.
    pub ip: Option<IpAddr>,
    /// Sign-in flow that requested it.
    pub flow: Option<String>,
}

/// Push prompts of users with these normalised names since a time, newest first.
pub async fn prompts(
    db: impl PgExecutor<'_>,
    names: &[String],
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Prompt>> {
    let sql =
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
         order by asked.time desc, id desc";
    let rows = sqlx::query(sql).bind(names).bind(since).bind(limit).fetch_all(db).await?;
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

/// Fraud reports that the breaker kept from blocking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkippedBlocks {
    /// When the first one was received.
    pub first: DateTime<Utc>,
    /// When the last one was received.
    pub last: DateTime<Utc>,
    /// Their number, at least 1.
    pub reports: i64,
}

/// Reports since a time that the breaker kept from blocking; none if there are none.
pub async fn broken(
    db: impl PgExecutor<'_>,
    since: DateTime<Utc>,
) -> Result<Option<SkippedBlocks>> {
    let (first, last, reports): (Option<_>, Option<_>, i64) = sqlx::query_as(
        "select min(received), max(received), count(*)
         from fraud_report where broken and received >= $1",
    )
    .bind(since)
    .fetch_one(db)
    .await?;
    Ok(first.zip(last).map(|(first, last)| SkippedBlocks { first, last, reports }))
}
