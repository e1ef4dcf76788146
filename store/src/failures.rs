//! Failures one by one and bucket by bucket, from the events themselves: for ranges that memory
//! does not reach, and as the truth that memory is held against.

use crate::Result;
use crate::events::IS_FAILURE;
use crate::workbook::{Bound as _, FAILURES};
use chrono::{DateTime, Utc};
use domain::bucket::Edges;
use domain::failures::{Asked, Column, Failure, Listing, Sought};
use domain::series::{Chart, Series, SeriesBy};
use domain::workbook::Query;
use futures::TryStreamExt as _;
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use std::collections::BTreeMap;
use std::str::FromStr as _;

/// Failures bucket by bucket, the ten keys with most of them by name.
///
/// # Errors
/// When the database refuses.
pub async fn chart(pool: &PgPool, by: SeriesBy, query: &Query, edges: &Edges) -> Result<Chart> {
    let column = match by {
        SeriesBy::Number => "phone",
        SeriesBy::Flow => "flow",
        SeriesBy::Ip => "host(ip)",
    };
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
    let found = sqlx::query(sqlx::AssertSqlSafe(sql))
        .query(query)
        .bind(edges.starts())
        .fetch_all(pool)
        .await?;
    let mut counts: BTreeMap<Option<String>, Vec<u64>> = BTreeMap::new();
    for row in &found {
        let (key, bucket, n): (Option<String>, i32, i64) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let counts = counts.entry(key).or_insert_with(|| vec![0; edges.len()]);
        // The first bucket is 1, and nothing lies before it: it begins with the range or earlier.
        let at = usize::try_from(bucket - 1).unwrap_or(0);
        if let Some(count) = counts.get_mut(at) {
            *count += u64::try_from(n).unwrap_or(0);
        }
    }
    let other = counts.remove(&None);
    let named = counts.into_iter().filter_map(|(key, counts)| Some(Series { key: key?, counts }));
    Ok(Chart { other, ..Chart::top(edges, named.collect()) })
}

/// A failure's columns as [`read`] takes them, and the names its order goes by.
const COLUMNS: &str = "time, coalesce(flow, '') collate \"C\" as flow,
    coalesce(phone, '') collate \"C\" as phone, coalesce(host(ip), '') collate \"C\" as address,
    coalesce(extra->>'operation', '') collate \"C\" as operation,
    coalesce(reason, '') collate \"C\" as reason,
    coalesce(reason_text, '') collate \"C\" as reason_text,
    coalesce(channel, '') collate \"C\" as channel, coalesce(journey, '') as journey, attempt, key";

/// A part of the failures that fit a query, numbers whole; of equal ones the smaller keys first.
///
/// # Errors
/// When the database refuses.
pub async fn listing(
    pool: &PgPool,
    query: &Query,
    asked: &Asked,
    sought: Sought<'_>,
) -> Result<Listing> {
    let rows_in_all = crate::workbook::failures(pool, query).await?;
    let (first, rise, fall) = match (asked.order.column, asked.order.reversed) {
        (Column::Time, false) => ("", "asc", "desc"),
        (Column::Time, true) => ("", "desc", "asc"),
        (Column::Flow, false) => ("flow asc,", "asc", "desc"),
        (Column::Flow, true) => ("flow desc,", "desc", "asc"),
        (Column::Phone, false) => ("phone asc,", "asc", "desc"),
        (Column::Phone, true) => ("phone desc,", "desc", "asc"),
        (Column::Ip, false) => ("address asc,", "asc", "desc"),
        (Column::Ip, true) => ("address desc,", "desc", "asc"),
        (Column::Operation, false) => ("operation asc,", "asc", "desc"),
        (Column::Operation, true) => ("operation desc,", "desc", "asc"),
        (Column::Reason, false) => ("reason asc, reason_text asc,", "asc", "desc"),
        (Column::Reason, true) => ("reason desc, reason_text desc,", "desc", "asc"),
        (Column::Channel, false) => ("channel asc,", "asc", "desc"),
        (Column::Channel, true) => ("channel desc,", "desc", "asc"),
    };
    // Ordered by what is selected, so that names without values stand where empty ones do.
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
    let mut statement = sqlx::query(sqlx::AssertSqlSafe(sql)).query(query);
    if everything {
        statement = statement.bind(number(asked.limit)).bind(number(asked.offset));
    }
    let mut found = Listing { rows_in_all, ..Listing::default() };
    let mut rows = statement.fetch(pool);
    // What is sought stands in words as they are shown, which only we know: every row is looked
    // at, and those of the page are kept.
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

/// Looks up the journeys and attempts of failures that were read elsewhere. `same_before` says for
/// each how many that look the same stand before it, `reversed` that they stand by falling keys.
///
/// # Errors
/// When the database refuses.
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
    // The bounds tell the planner which partitions; the index on failures leads to the times.
    let sql = format!(
        "select {COLUMNS} from event
         where time between $1 and $2 and time = any($3) and coalesce(phone, '') = any($4)
             and {IS_FAILURE}
         order by key"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(sql))
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
