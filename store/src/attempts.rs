//! Attempts: folded from events by the fold in `domain`, in the transaction that writes the events.

use crate::parsed::{column, named, parsed, read_one};
use crate::{Result, micros};
use chrono::{DateTime, Utc};
use domain::attempts::{Attempt, First};
use domain::events::fold_user;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use uuid::Uuid;

mod keyed;
mod page;
mod terms;
#[cfg(test)]
pub(crate) mod tests;

pub use page::page;

const COLUMNS: &str = r#"id, time, outcome, outcome_time, reason, reason_text, journey, "user",
    phone, region, channel, flow, app, host(ip) as ip, browser, carrier, cost_amount,
    cost_currency, delivered, origins"#;

/// Merges parts of attempts into the stored ones. No two parts may have the same id.
pub async fn fold(conn: &mut PgConnection, mut parts: Vec<Attempt>) -> Result<()> {
    // Ordered, so that two writers cannot deadlock.
    parts.sort_unstable_by_key(|part| part.id);
    let created: HashSet<Uuid> = write(conn, INSERT, &parts).await?.into_iter().collect();
    if created.len() == parts.len() {
        return Ok(());
    }
    let mut known: HashMap<Uuid, Attempt> = parts
        .into_iter()
        .filter(|part| !created.contains(&part.id))
        .map(|part| (part.id, part))
        .collect();
    let ids: Vec<Uuid> = known.keys().copied().collect();
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from attempt where id = any($1) order by id for update"
    )))
    .bind(ids)
    .fetch_all(&mut *conn)
    .await?;
    let mut merged = Vec::with_capacity(rows.len());
    for row in &rows {
        let before = read(row)?;
        let Some(part) = known.remove(&before.id) else { continue };
        let mut after = before.clone();
        after.merge(part);
        if after != before {
            merged.push(after);
        }
    }
    if !merged.is_empty() {
        write(conn, UPDATE, &merged).await?;
    }
    Ok(())
}

/// The attempt with an id, if any.
pub async fn get(conn: &mut PgConnection, id: Uuid) -> Result<Option<Attempt>> {
    one(conn, format!("select {COLUMNS} from attempt where id = $1"), id).await
}

/// Deletes an attempt and returns it, to be folded into another.
pub async fn take(conn: &mut PgConnection, id: Uuid) -> Result<Option<Attempt>> {
    one(conn, format!("delete from attempt where id = $1 returning {COLUMNS}"), id).await
}

async fn one(conn: &mut PgConnection, sql: String, id: Uuid) -> Result<Option<Attempt>> {
    read_one(conn, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id), read).await
}

/// Updates the browsers of attempts after browser families of events were derived anew; returns how
/// many changed. The event that an attempt takes its browser from stays the same: the first that
/// has one.
pub async fn browsers_again(conn: &mut PgConnection, ids: &[Uuid]) -> Result<u64> {
    // Locked first, so that the next statement sees what their last writer committed.
    let sql = "select from attempt where id = any($1) order by id for update";
    sqlx::query(sql).bind(ids).execute(&mut *conn).await?;
    // The ninth origin is the browser's. Of two events at that instant the smaller family counts,
    // by bytes, as in `First`.
    let sql = r#"update attempt set browser = now.browser
           from (
               select attempt.id, first.browser from attempt
               cross join lateral (
                   select timestamptz 'epoch' + origins[9] * interval '1 microsecond' as time
               ) as origin
               cross join lateral (
                   select min(event.browser collate "C") as browser from event
                   where timezone('UTC', event.time)::date = timezone('UTC', origin.time)::date
                     and uuid_hash(event.attempt) = uuid_hash(attempt.id)
                     and event.attempt = attempt.id and event.time = origin.time
               ) as first
               where attempt.id = any($1)
           ) as now
           -- Retention may have deleted the event.
           where attempt.id = now.id and now.browser is not null
             and attempt.browser is distinct from now.browser"#;
    let done = sqlx::query(sql).bind(ids).execute(conn).await?;
    Ok(done.rows_affected())
}

/// Deletes at most `limit` attempts from before an instant; returns how many.
pub async fn delete_before(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<u64> {
    let sql = "delete from attempt where id in
             (select id from attempt where time < $1 order by time limit $2)";
    let done = sqlx::query(sql).bind(before).bind(limit).execute(conn).await?;
    Ok(done.rows_affected())
}

/// The rows that [`write`] binds.
macro_rules! given {
    () => {
        r#" from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::timestamptz[], $5::text[],
        $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
        $13::text[], $14::text[], $15::text[], $16::text[], $17::numeric[], $18::text[],
        $19::text[], $20::text[], $21::boolean[])
    as t (id, time, outcome, outcome_time, reason, reason_text, journey, "user", phone, region,
        channel, flow, app, ip, browser, carrier, cost_amount, cost_currency, origins, user_key,
        delivered) "#
    };
}

const INSERT: &str = concat!(
    r#"insert into attempt (id, time, outcome, outcome_time, reason, reason_text, journey, "user",
        phone, region, channel, flow, app, ip, browser, carrier, cost_amount, cost_currency,
        origins, user_key, delivered)
    select id, time, outcome, outcome_time, reason, reason_text, journey, "user", phone, region,
        channel, flow, app, ip::inet, browser, carrier, cost_amount, cost_currency,
        origins::bigint[], user_key, delivered"#,
    given!(),
    "order by id on conflict (id) do nothing returning id"
);

const UPDATE: &str = concat!(
    r#"update attempt set time = t.time, outcome = t.outcome, outcome_time = t.outcome_time,
        reason = t.reason, reason_text = t.reason_text, journey = t.journey, "user" = t."user",
        phone = t.phone, region = t.region, channel = t.channel, flow = t.flow, app = t.app,
        ip = t.ip::inet, browser = t.browser, carrier = t.carrier, cost_amount = t.cost_amount,
        cost_currency = t.cost_currency, origins = t.origins::bigint[], user_key = t.user_key,
        delivered = t.delivered"#,
    given!(),
    "where attempt.id = t.id returning attempt.id"
);

async fn write(conn: &mut PgConnection, sql: &'static str, parts: &[Attempt]) -> Result<Vec<Uuid>> {
    fn value_text<T: Ord + Clone + Display>(value: &First<T>) -> Option<String> {
        value.value().map(ToString::to_string)
    }
    let text = |get: fn(&Attempt) -> &First<String>| -> Vec<Option<&str>> {
        parts.iter().map(|part| get(part).value().map(String::as_str)).collect()
    };
    let ids = sqlx::query_scalar(sql)
        .bind(column(parts, |part| part.id))
        .bind(column(parts, |part| part.time))
        .bind(column(parts, |part| part.outcome.as_str()))
        .bind(column(parts, |part| part.outcome_time))
        .bind(column(parts, |part| part.reason.map(|reason| reason.as_str())))
        .bind(column(parts, |part| part.reason_text.as_deref()))
        .bind(text(|part| &part.journey))
        .bind(text(|part| &part.user))
        .bind(column(parts, |part| value_text(&part.phone)))
        .bind(column(parts, |part| value_text(&part.region)))
        .bind(column(parts, |part| value_text(&part.channel)))
        .bind(text(|part| &part.flow))
        .bind(text(|part| &part.app))
        .bind(column(parts, |part| value_text(&part.ip)))
        .bind(text(|part| &part.browser))
        .bind(text(|part| &part.carrier))
        .bind(column(parts, |part| part.cost.value().map(|(_, amount)| *amount)))
        .bind(column(parts, |part| part.cost.value().map(|(currency, _)| currency.as_str())))
        .bind(column(parts, origins))
        .bind(column(parts, |part| part.user.value().map(|user| fold_user(user))))
        .bind(column(parts, |part| part.delivered))
        .fetch_all(conn)
        .await?;
    Ok(ids)
}

/// Times of the first-wins columns as a Postgres array literal: text, since `unnest` would flatten
/// an array of arrays.
fn origins(part: &Attempt) -> String {
    let times = [
        part.journey.time(),
        part.user.time(),
        part.phone.time(),
        part.region.time(),
        part.channel.time(),
        part.flow.time(),
        part.app.time(),
        part.ip.time(),
        part.browser.time(),
        part.carrier.time(),
        part.cost.time(),
    ];
    let words: Vec<String> = times
        .iter()
        .map(|time| time.map_or_else(|| "NULL".to_owned(), |time| micros(time).to_string()))
        .collect();
    format!("{{{}}}", words.join(","))
}

fn read(row: &PgRow) -> Result<Attempt> {
    let origins: Vec<Option<i64>> = row.try_get("origins")?;
    let at = |slot: usize| -> Option<DateTime<Utc>> {
        origins.get(slot).copied().flatten().and_then(DateTime::from_timestamp_micros)
    };
    fn first<T>(time: Option<DateTime<Utc>>, value: Option<T>) -> First<T> {
        First(time.zip(value))
    }
    let amount: Option<rust_decimal::Decimal> = row.try_get("cost_amount")?;
    let currency: Option<String> = row.try_get("cost_currency")?;
    Ok(Attempt {
        id: row.try_get("id")?,
        time: row.try_get("time")?,
        outcome: parsed("attempt", row.try_get("outcome")?)?,
        outcome_time: row.try_get("outcome_time")?,
        reason: named("attempt", row, "reason")?,
        reason_text: row.try_get("reason_text")?,
        journey: first(at(0), row.try_get("journey")?),
        user: first(at(1), row.try_get("user")?),
        phone: first(at(2), named("attempt", row, "phone")?),
        region: first(at(3), named("attempt", row, "region")?),
        channel: first(at(4), named("attempt", row, "channel")?),
        flow: first(at(5), row.try_get("flow")?),
        app: first(at(6), row.try_get("app")?),
        ip: first(at(7), named("attempt", row, "ip")?),
        browser: first(at(8), row.try_get("browser")?),
        carrier: first(at(9), row.try_get("carrier")?),
        cost: first(at(10), currency.zip(amount)),
        delivered: row.try_get("delivered")?,
    })
}
