//! Failures over time by number, flow or address: the ten keys with the most in the range, and the
//! rest.

use crate::Result;
use crate::workbook::{Bound as _, FAILURES};
use chrono::{DateTime, Utc};
use domain::series::{SeriesBy, TOP};
use domain::workbook::Query;
use sqlx::{AssertSqlSafe, PgPool, Row as _};

/// One key's failures in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The bucket, counted from 0.
    pub bucket: usize,
    /// The key, whole, empty where the events had none; nothing for all that are not among the
    /// ten.
    pub key: Option<String>,
    /// How many failures, at least one.
    pub count: u64,
}

/// The steps of a series, newest bucket first, keys rising by code point, the rest last. `starts`
/// is where each bucket begins.
///
/// # Errors
/// When the database refuses.
pub async fn series(
    pool: &PgPool,
    by: SeriesBy,
    query: &Query,
    starts: &[DateTime<Utc>],
    as_of: DateTime<Utc>,
) -> Result<Vec<Step>> {
    let key = match by {
        SeriesBy::Number => "phone",
        SeriesBy::Flow => "flow",
        SeriesBy::Ip => "host(ip)",
    };
    let sql = format!(
        "with found as materialized (
             select coalesce({key}, '') collate \"C\" as key, width_bucket(time, $11) as bucket,
                 count(*) as n
             from event where {FAILURES} and received <= $10 group by 1, 2
         ), top as (
             select key from found group by key order by sum(n) desc, key limit {TOP}
         )
         select bucket, top.key, sum(n)::bigint
         from found left join top on top.key = found.key
         group by 1, 2 order by 1 desc, 2 nulls last"
    );
    let statement = sqlx::query(AssertSqlSafe(sql)).query(query).time(as_of).bind(starts);
    let rows = statement.persistent(false).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            // Buckets count from 1: what lies before the first would be 0, and none does.
            let bucket: i32 = row.try_get(0)?;
            let count: i64 = row.try_get(2)?;
            Ok(Step {
                bucket: usize::try_from(bucket - 1).unwrap_or(0),
                key: row.try_get(1)?,
                count: u64::try_from(count).unwrap_or(0),
            })
        })
        .collect()
}
