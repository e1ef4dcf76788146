//! Failures over time by number, flow or address: the ten most frequent keys, and the rest.

use crate::Result;
use crate::workbook::{FAILURES, bind, bucket_index, key_column};
use chrono::{DateTime, Utc};
use domain::series::{SeriesBy, TOP};
use domain::workbook::Query;
use sqlx::{AssertSqlSafe, PgPool, Row as _};

/// Failures of one key in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesPoint {
    /// Index of the bucket, from 0.
    pub bucket: usize,
    /// The unmasked key, empty for events without one; none for all keys outside the ten.
    pub key: Option<String>,
    /// Number of failures, at least 1.
    pub count: u64,
}

/// A series by newest bucket first, then keys in code point order, the rest last. `starts` has the
/// start of each bucket.
pub async fn series(
    pool: &PgPool,
    by: SeriesBy,
    query: &Query,
    starts: &[DateTime<Utc>],
    as_of: DateTime<Utc>,
) -> Result<Vec<SeriesPoint>> {
    let key = key_column(by);
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
    let statement = bind(sqlx::query(AssertSqlSafe(sql)), query).bind(as_of).bind(starts);
    let rows = statement.persistent(false).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let count: i64 = row.try_get(2)?;
            Ok(SeriesPoint {
                bucket: bucket_index(row.try_get(0)?),
                key: row.try_get(1)?,
                count: u64::try_from(count).unwrap_or(0),
            })
        })
        .collect()
}
