//! For the pages of one number, address or user: events of several attempts, fraud reports, and
//! failures of neighbouring numbers and addresses.

use crate::events::is_failure;
use crate::fraud_reports::report_columns;
use crate::parsed::{column, parsed, read_all};
use crate::timeline::TimelineEvent;
use crate::{Result, fraud_reports, micros, timeline};
use chrono::{DateTime, NaiveDate, Utc};
use domain::network::Network;
use domain::{Channel, PhoneNumber};
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;
use uuid::Uuid;

/// Events of pairs of attempt and day (UTC), each with its attempt, in order of time, at most
/// `limit`.
pub async fn events_of_days(
    db: impl PgExecutor<'_>,
    asked: &[(Uuid, NaiveDate)],
    limit: i64,
) -> Result<Vec<(Uuid, TimelineEvent)>> {
    let rows = sqlx::query(
        r#"select asked.attempt as asked, time, received, source, id, kind, "user", phone,
               host(ip) as ip, device, os, reason, reason_text, provider_ref, cost_amount,
               cost_currency, extra
           from unnest($1::uuid[], $2::date[]) as asked (attempt, day)
           cross join lateral (
               select * from event
               where timezone('UTC', time)::date = asked.day
                 and uuid_hash(attempt) = uuid_hash(asked.attempt) and attempt = asked.attempt
                 -- Selects the partition of the day.
                 and time >= timezone('UTC', asked.day::timestamp)
                 and time < timezone('UTC', asked.day + interval '1 day')
               -- Forces an index look-up for each pair; a plain join would read all events.
               limit $3
           ) as told
           order by time, seq limit $3"#,
    )
    .bind(column(asked, |(attempt, _)| *attempt))
    .bind(column(asked, |(_, day)| *day))
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("asked")?, timeline::read(row)?))).collect()
}

/// Newest fraud reports with a number, an address, or one of these attempts.
pub async fn reports(
    db: impl PgExecutor<'_>,
    phone: Option<PhoneNumber>,
    ip: Option<IpAddr>,
    attempts: &[Uuid],
    limit: i64,
) -> Result<Vec<fraud_reports::Row>> {
    let query = sqlx::query(concat!(
        report_columns!(),
        "where phone = $1 or ip = $2::inet or attempt = any($3)
           order by received desc, id limit $4"
    ))
    .bind(phone.map(|phone| phone.to_string()))
    .bind(ip.map(|ip| ip.to_string()))
    .bind(attempts)
    .bind(limit);
    read_all(db, query, fraud_reports::read).await
}

/// Failures within the hours that start at `hours`, of other numbers that differ from `phone` only
/// in the last four digits: time (µs since 1970) and number.
pub async fn near_number(
    db: impl PgExecutor<'_>,
    phone: PhoneNumber,
    channel: Option<Channel>,
    hours: &[DateTime<Utc>],
) -> Result<Vec<(i64, PhoneNumber)>> {
    let text = phone.to_string();
    let kept = text.get(..text.len().saturating_sub(4)).unwrap_or_default();
    let rows = sqlx::query(concat!(
        "select failure.time, failure.phone from unnest($1::timestamptz[]) as asked (hour)
         cross join lateral (
             select time, phone from event
             where time >= asked.hour and time < asked.hour + interval '1 hour'
               and ",
        is_failure!(),
        " and starts_with(phone, $2) and length(phone) = $3 and phone <> $4
               and ($5::text is null or channel = $5)
             -- Forces an index look-up for each hour.
             limit 100000
         ) as failure"
    ))
    .bind(hours)
    .bind(kept)
    .bind(i32::try_from(text.len()).unwrap_or(i32::MAX))
    .bind(&text)
    .bind(channel.map(Channel::as_str))
    .fetch_all(db)
    .await?;
    rows.iter().map(near).collect()
}

/// Failures within the hours that start at `hours`, from other addresses of `network` than `ip`:
/// time (µs since 1970) and address.
pub async fn near_ip(
    db: impl PgExecutor<'_>,
    ip: IpAddr,
    network: Network,
    channel: Option<Channel>,
    hours: &[DateTime<Utc>],
) -> Result<Vec<(i64, IpAddr)>> {
    let rows = sqlx::query(concat!(
        "select failure.time, host(failure.ip) from unnest($1::timestamptz[]) as asked (hour)
         cross join lateral (
             select time, ip from event
             where time >= asked.hour and time < asked.hour + interval '1 hour'
               and ",
        is_failure!(),
        " and ip <<= $2::inet and ip <> $3::inet
               and ($4::text is null or channel = $4)
             -- Forces an index look-up for each hour.
             limit 100000
         ) as failure"
    ))
    .bind(hours)
    .bind(network.to_string())
    .bind(ip.to_string())
    .bind(channel.map(Channel::as_str))
    .fetch_all(db)
    .await?;
    rows.iter().map(near).collect()
}

fn near<T: FromStr<Err: Display>>(row: &PgRow) -> Result<(i64, T)> {
    Ok((micros(row.try_get(0)?), parsed("event", row.try_get(1)?)?))
}
