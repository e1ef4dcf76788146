//! Single failures, and failures by bucket, from the events themselves: for ranges older than the
//! in-memory tables, and as the reference for their tests.

use crate::Result;
use crate::events::IS_FAILURE;
use crate::workbook::{FAILURES, bind, bucket_index, key_column};
use chrono::{DateTime, Utc};
use domain::bucket::Edges;
use domain::failures::{Column, Failure, FailuresQuery, Listing, TextSearch};
use domain::series::{Chart, Series, SeriesBy};
use domain::workbook::Query;
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use std::collections::BTreeMap;
use std::str::FromStr as _;

/// Failures by bucket, for the ten most frequent keys and the rest.
pub async fn chart(pool: &PgPool, by: SeriesBy, query: &Query, edges: &Edges) -> Result<Chart> {
    let column = key_column(by);
    let sql = format!(
        "with failed as materialized (
             select coalesce({column}, '') collate \"C\" as key, width_bucket(time, $10) as bucket,
                 count(*) as n
             from event where {FAILURES} group by 1, 2
         ),
         top as (select key from failed group by key order by sum(n) desc, key limit 10)
         select case when key in (select key from top) then key end, bucket, sum(n)::bigint
         from failed group by 1, 2"
    );
    let statement = bind(sqlx::query(AssertSqlSafe(sql)), query).bind(edges.starts());
    let found = statement.fetch_all(pool).await?;
    let mut counts: BTreeMap<Option<String>, Vec<u64>> = BTreeMap::new();
    for row in &found {
        let (key, bucket, n): (Option<String>, i32, i64) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let counts = counts.entry(key).or_insert_with(|| vec![0; edges.len()]);
        if let Some(count) = counts.get_mut(bucket_index(bucket)) {
            *count += u64::try_from(n).unwrap_or(0);
        }
    }
    let other = counts.remove(&None);
    let named = counts.into_iter().filter_map(|(key, counts)| Some(Series { key: key?, counts }));
    Ok(Chart { other, ..Chart::top(edges, named.collect()) })
}

/// The columns that [`read`] needs, with the aliases that `order by` uses.
const COLUMNS: &str = "time, coalesce(flow, '') collate \"C\" as flow,
    coalesce(phone, '') collate \"C\" as phone, coalesce(host(ip), '') collate \"C\" as address,
    coalesce(extra->>'operation', '') collate \"C\" as operation,
    coalesce(reason, '') collate \"C\" as reason,
    coalesce(reason_text, '') collate \"C\" as reason_text,
    coalesce(channel, '') collate \"C\" as channel, coalesce(journey, '') as journey, attempt, key";

/// A page of the failures of a query, with unmasked numbers; equal ones by key.
pub async fn listing(
    pool: &PgPool,
    query: &Query,
    asked: &FailuresQuery,
    sought: TextSearch<'_>,
) -> Result<Listing> {
    let rows_in_all = crate::workbook::failures(pool, query).await?;
    let (rise, fall) = if asked.order.reversed { ("desc", "asc") } else { ("asc", "desc") };
    let first = match asked.order.column {
        Column::Time => String::new(),
        Column::Flow => format!("flow {rise},"),
        Column::Phone => format!("phone {rise},"),
        Column::Ip => format!("address {rise},"),
        Column::Operation => format!("operation {rise},"),
        Column::Reason => format!("reason {rise}, reason_text {rise},"),
        Column::Channel => format!("channel {rise},"),
    };
    // Ordered by the aliases, so that null sorts like an empty text.
    let order = format!(
        "order by {first} time {fall}, flow {rise}, phone {rise}, address {rise},
             operation {rise}, reason {rise}, reason_text {rise}, channel {rise}, key {rise}"
    );
    let everything = sought.is_everything();
    let limit = if everything { "limit $10 offset $11" } else { "" };
    let sql = format!(
        "select * from (select {COLUMNS} from event where {FAILURES}) failure {order} {limit}"
    );
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut statement = bind(sqlx::query(AssertSqlSafe(sql)), query);
    if everything {
        statement = statement.bind(number(asked.limit)).bind(number(asked.offset));
    }
    let mut found = Listing { rows_in_all, ..Listing::default() };
    let mut rows = statement.fetch(pool);
    // The search matches the displayed words, which Postgres does not know: all rows are read, and
    // those of the page kept.
    let end = asked.offset.saturating_add(asked.limit);
    let mut matching = 0_usize;
    while let Some(row) = rows.try_next().await? {
        let row = read(&row)?;
        if everything {
            found.rows.push(row);
        } else if sought.fits(&row) {
            if (asked.offset..end).contains(&matching) {
                found.rows.push(row);
            }
            matching += 1;
        }
    }
    found.matching = if everything { rows_in_all } else { matching as u64 };
    Ok(found)
}

/// Adds journeys and attempts to failures from elsewhere. `same_before` has for each the number of
/// preceding ones that are otherwise equal; `reversed` if these are in descending order of keys.
pub async fn complete(
    pool: &PgPool,
    rows: &mut [Failure],
    same_before: &[usize],
    reversed: bool,
) -> Result<()> {
    let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.time).collect();
    let phones: Vec<String> = rows.iter().map(|row| row.phone.clone()).collect();
    let (Some(first), Some(last)) = (times.iter().min().copied(), times.iter().max().copied())
    else {
        return Ok(());
    };
    // The bounds select the partitions; the index on failures finds the times.
    let sql = format!(
        "select {COLUMNS} from event
         where time between $1 and $2 and time = any($3) and coalesce(phone, '') = any($4)
             and {IS_FAILURE}
         order by key"
    );
    let found = sqlx::query(AssertSqlSafe(sql))
        .bind(first)
        .bind(last)
        .bind(times)
        .bind(phones)
        .fetch_all(pool)
        .await?;
    let mut found: Vec<Failure> = found.iter().map(read).collect::<Result<_>>()?;
    if reversed {
        found.reverse();
    }
    let bare = |row: &Failure| Failure { journey: String::new(), attempt: None, ..row.clone() };
    for (row, before) in rows.iter_mut().zip(same_before) {
        let same = found.iter().filter(|one| bare(one) == *row).nth(*before).cloned();
        if let Some(same) = same {
            *row = same;
        }
    }
    Ok(())
}

fn read(row: &PgRow) -> Result<Failure> {
    let channel: String = row.try_get("channel")?;
    Ok(Failure {
        time: row.try_get("time")?,
        flow: row.try_get("flow")?,
        phone: row.try_get("phone")?,
        ip: row.try_get("address")?,
        operation: row.try_get("operation")?,
        reason: row.try_get("reason")?,
        reason_text: row.try_get("reason_text")?,
        channel: domain::Channel::from_str(&channel).ok(),
        journey: row.try_get("journey")?,
        attempt: row.try_get("attempt")?,
    })
}
