//! The rows of reports (contract, section 8), streamed in their own order, and how many there are.
//! All as it was known at an instant: what came in later does not count.

mod attempts;
mod pieces;
mod series;
#[cfg(test)]
mod tests;

pub use attempts::{AttemptRow, attempts};
pub use pieces::Pace;
pub(crate) use pieces::{declare, in_pieces};
pub use series::{Step, series};

use crate::workbook::{Bound as _, FAILURES};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::conversion::By;
use domain::region_figures::Figures;
use domain::signins::Filter;
use domain::workbook::{Query, Tile};
use domain::{Channel, Period};
use futures::{Stream, StreamExt as _};
use sqlx::{AssertSqlSafe, FromRow, PgPool};

/// A row of a tile.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TileRow {
    /// The first cell.
    pub c1: String,
    /// The second; empty where the tile has one.
    pub c2: String,
    /// How many failures.
    #[sqlx(rename = "n", try_from = "i64")]
    pub count: u64,
}

/// A failure, its number whole.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct FailureRow {
    /// When.
    pub time: DateTime<Utc>,
    /// The flow.
    pub flow: Option<String>,
    /// The number.
    pub phone: Option<String>,
    /// The user's address.
    pub address: Option<String>,
    /// What the source calls what was done.
    pub operation: Option<String>,
}

/// A tile's rows, by count falling, then cells rising by code point. Numbers are whole.
pub fn tile(
    pool: &PgPool,
    tile: Tile,
    query: &Query,
    as_of: DateTime<Utc>,
    pace: Pace,
) -> impl Stream<Item = Result<TileRow>> + use<> {
    let sql = format!("{} order by n desc, c1, c2", counted(tile));
    let rows = in_pieces(pool, declare(&sql).query(query).time(as_of), pace);
    rows.map(|row| Ok(TileRow::from_row(&row?)?))
}

fn counted(tile: Tile) -> String {
    let (columns, further) = match tile {
        Tile::FailureReasons => ("reason, reason_text", ""),
        Tile::NumberIpFailures => ("phone, host(ip)", ""),
        Tile::BlockedNumbers => ("phone, null::text", "and kind = 'blocked'"),
        Tile::NumberFailures => ("phone, null::text", ""),
        Tile::IpFailures => ("host(ip), null::text", ""),
        Tile::Browsers => ("browser, null::text", ""),
        Tile::OperatingSystems => ("os, null::text", ""),
    };
    format!(
        "select coalesce(k.c1, '') collate \"C\" as c1, coalesce(k.c2, '') collate \"C\" as c2,
             count(*) as n
         from event, lateral (select {columns}) as k (c1, c2)
         where {FAILURES} and received <= $10 {further}
         group by 1, 2"
    )
}

/// Failures one by one, newest first; those of one instant by flow, number and address.
pub fn flow_failures(
    pool: &PgPool,
    query: &Query,
    as_of: DateTime<Utc>,
    pace: Pace,
) -> impl Stream<Item = Result<FailureRow>> + use<> {
    // `ip` in the order is the event's: what is selected has another name.
    let sql = format!(
        "select time, flow, phone, host(ip) as address, extra->>'operation' as operation
         from event where {FAILURES} and received <= $10
         order by time desc, flow collate \"C\" nulls first, phone collate \"C\" nulls first,
             ip nulls first, key"
    );
    let rows = in_pieces(pool, declare(&sql).query(query).time(as_of), pace);
    rows.map(|row| Ok(FailureRow::from_row(&row?)?))
}

/// What became of attempts, key by key: [`crate::conversion::rows`], at an instant if one is given.
///
/// # Errors
/// When the database refuses.
pub async fn conversion(
    pool: &PgPool,
    by: By,
    query: &Query,
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<(String, Figures)>> {
    let Some(as_of) = as_of else { return crate::conversion::rows(pool, by, query).await };
    let sql = format!("{} {}", attempts::past(10), crate::conversion::counted(by, &query.filters));
    let statement = sqlx::query(AssertSqlSafe(sql)).query(query);
    let statement = attempts::bind_past(statement, as_of).persistent(false);
    crate::conversion::tally(&statement.fetch_all(pool).await?)
}

/// Whose rows are counted.
#[derive(Debug, Clone, Copy)]
pub enum Counted<'q> {
    /// A tile's.
    Tile(Tile, &'q Query),
    /// Failures one by one.
    Failures(&'q Query),
    /// Attempts; those known at the instant alone when it is looked back.
    Attempts(&'q Filter, bool),
    /// Fraud reports.
    FraudReports(Period, Option<Channel>),
    /// Blocks begun in a range.
    Blocks(Period),
    /// Entries of the audit log.
    Audit(Period),
}

/// How many rows a report has, counted up to `most`.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    pool: &PgPool,
    what: Counted<'_>,
    as_of: DateTime<Utc>,
    most: u64,
) -> Result<u64> {
    let up_to =
        |rows: &str| AssertSqlSafe(format!("select count(*) from ({rows} limit {most}) as found"));
    let of_period = |period: Period, rows: &str| {
        sqlx::query_scalar(up_to(rows)).bind(period.from).bind(period.to).bind(as_of)
    };
    let statement = match what {
        Counted::Tile(tile, query) => {
            sqlx::query_scalar(up_to(&counted(tile))).query(query).time(as_of)
        }
        Counted::Failures(query) => {
            let rows = format!("select 1 from event where {FAILURES} and received <= $10");
            sqlx::query_scalar(up_to(&rows)).query(query).time(as_of)
        }
        Counted::Attempts(filter, looks_back) => {
            return attempts::count(pool, filter, looks_back.then_some(as_of), most).await;
        }
        Counted::FraudReports(period, channel) => of_period(
            period,
            "select 1 from fraud_report where time >= $1 and time < $2 and received <= $3
                 and ($4::text is null or channel = $4)",
        )
        .bind(channel.map(Channel::as_str)),
        Counted::Blocks(period) => of_period(
            period,
            "select 1 from block where since >= $1 and since < $2 and since <= $3",
        ),
        Counted::Audit(period) => {
            of_period(period, "select 1 from audit where time >= $1 and time < $2 and time <= $3")
        }
    };
    let count: i64 = statement.persistent(false).fetch_one(pool).await.map_err(Error::from)?;
    Ok(u64::try_from(count).unwrap_or(0))
}
