//! Rows of reports (contract, section 8), streamed in order, and their number, as known at an
//! instant: rows received later do not count.

mod attempts;
mod pieces;
mod series;
#[cfg(test)]
mod tests;

pub use attempts::{AttemptRow, attempts};
pub use pieces::PieceSize;
pub(crate) use pieces::{declare, in_pieces};
pub use series::{SeriesPoint, series};

use crate::workbook::{self, FAILURES, TILE_ORDER};
use crate::{Result, Statement};
use chrono::{DateTime, Utc};
use domain::conversion::By;
use domain::region_figures::Figures;
use domain::signins::Filter;
use domain::workbook::{Query, Tile};
use domain::{Channel, Period};
use futures::{Stream, StreamExt as _};
use sqlx::{AssertSqlSafe, FromRow, PgPool, Row as _};

/// Condition for events known at an instant.
const KNOWN: &str = "and received <= $10";

/// A row of a tile.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TileRow {
    /// First cell.
    pub c1: String,
    /// Second cell; empty if the tile has only one.
    pub c2: String,
    /// Number of failures with these cells.
    #[sqlx(rename = "n", try_from = "i64")]
    pub count: u64,
}

/// A failure with its unmasked number.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct FailureRow {
    /// Time of the event.
    pub time: DateTime<Utc>,
    /// Sign-in flow from the source.
    pub flow: Option<String>,
    /// Phone number in E.164.
    pub phone: Option<String>,
    /// IP address of the user.
    pub address: Option<String>,
    /// The source's name for the operation.
    pub operation: Option<String>,
}

/// Rows of a tile by descending count, then by cells in code point order. Numbers are unmasked.
pub fn tile(
    pool: &PgPool,
    tile: Tile,
    query: &Query,
    as_of: DateTime<Utc>,
    pace: PieceSize,
) -> impl Stream<Item = Result<TileRow>> + use<> {
    let sql = format!("{} {TILE_ORDER}", workbook::tile_rows(tile, KNOWN));
    let rows = in_pieces(pool, workbook::bind(declare(&sql), query).bind(as_of), pace);
    rows.map(|row| Ok(TileRow::from_row(&row?)?))
}

/// Single failures, newest first; at the same instant by flow, number and address.
pub fn flow_failures(
    pool: &PgPool,
    query: &Query,
    as_of: DateTime<Utc>,
    pace: PieceSize,
) -> impl Stream<Item = Result<FailureRow>> + use<> {
    // The alias is not `ip`, so that `order by` uses the event's column.
    let sql = format!(
        "select time, flow, phone, host(ip) as address, extra->>'operation' as operation
         from event where {FAILURES} {KNOWN}
         order by time desc, flow collate \"C\" nulls first, phone collate \"C\" nulls first,
             ip nulls first, key"
    );
    let rows = in_pieces(pool, workbook::bind(declare(&sql), query).bind(as_of), pace);
    rows.map(|row| Ok(FailureRow::from_row(&row?)?))
}

/// Outcomes of attempts by key: [`crate::conversion::rows`], as known at an instant if one is
/// given.
pub async fn conversion(
    pool: &PgPool,
    by: By,
    query: &Query,
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<(String, Figures)>> {
    let Some(as_of) = as_of else { return crate::conversion::rows(pool, by, query).await };
    let sql = format!("{} {}", attempts::past(10), crate::conversion::counted(by, &query.filters));
    let statement = workbook::bind(sqlx::query(AssertSqlSafe(sql)), query);
    let statement = attempts::bind_past(statement, as_of).persistent(false);
    crate::conversion::tally(&statement.fetch_all(pool).await?)
}

/// Which report's rows to count.
#[derive(Debug, Clone, Copy)]
pub enum CountedReport<'q> {
    /// A workbook tile.
    Tile(Tile, &'q Query),
    /// Single failures.
    Failures(&'q Query),
    /// Attempts, as known at the instant if the flag is set, otherwise as they are now.
    Attempts(&'q Filter, bool),
    /// Fraud reports of one channel or all.
    FraudReports(Period, Option<Channel>),
    /// Blocks that began in the period.
    Blocks(Period),
    /// Audit entries.
    Audit(Period),
}

/// Number of rows of a report, counted up to `most`.
pub async fn count(
    pool: &PgPool,
    what: CountedReport<'_>,
    as_of: DateTime<Utc>,
    most: u64,
) -> Result<u64> {
    let up_to = |rows: &str| -> Statement<'static> {
        let sql = format!("select count(*) from ({rows} limit {most}) as found");
        sqlx::query(AssertSqlSafe(sql)).persistent(false)
    };
    let of_period =
        |period: Period, rows: &str| up_to(rows).bind(period.from).bind(period.to).bind(as_of);
    let statement = match what {
        CountedReport::Tile(tile, query) => {
            workbook::bind(up_to(&workbook::tile_rows(tile, KNOWN)), query).bind(as_of)
        }
        CountedReport::Failures(query) => {
            let rows = format!("select 1 from event where {FAILURES} {KNOWN}");
            workbook::bind(up_to(&rows), query).bind(as_of)
        }
        CountedReport::Attempts(filter, looks_back) => {
            return attempts::count(pool, filter, looks_back.then_some(as_of), most).await;
        }
        CountedReport::FraudReports(period, channel) => of_period(
            period,
            "select 1 from fraud_report where time >= $1 and time < $2 and received <= $3
                 and ($4::text is null or channel = $4)",
        )
        .bind(channel.map(Channel::as_str)),
        CountedReport::Blocks(period) => of_period(
            period,
            "select 1 from block where since >= $1 and since < $2 and since <= $3",
        ),
        CountedReport::Audit(period) => {
            of_period(period, "select 1 from audit where time >= $1 and time < $2 and time <= $3")
        }
    };
    let count: i64 = statement.fetch_one(pool).await?.try_get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}
