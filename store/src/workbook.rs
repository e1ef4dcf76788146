//! Workbook tiles by `group by` over the events: for older ranges, for the command line, and as the
//! reference that tests compare tallies and the column table with.

use crate::events::is_failure;
use crate::{Result, Statement};
use domain::series::SeriesBy;
use domain::workbook::{Filters, Query, Row, Tile};
use domain::{Channel, Reason};
use sqlx::{AssertSqlSafe, PgPool, Row as _};

/// Conditions of a query's filters; [`bind`] binds their arguments.
macro_rules! filters {
    () => {
        "($3::text is null or channel = $3)
             and ($4::text is null or phone = $4)
             and ($5::text is null or ip = $5::inet)
             and ($6::text is null or flow = $6)
             and ($7::text is null or browser = $7)
             and ($8::text is null or region = $8)
             and ($9::text is null or reason = $9)"
    };
}
pub(crate) use filters;

/// Condition for the failures of a query; [`bind`] binds its arguments.
pub(crate) const FAILURES: &str =
    concat!("time >= $1 and time < $2 and ", is_failure!(), " and ", filters!());

/// Binds a query's period and filters as `$1` to `$9`.
pub(crate) fn bind<'q>(statement: Statement<'q>, query: &Query) -> Statement<'q> {
    let Filters { channel, phone, ip, flow, browser, region, reason } = &query.filters;
    statement
        .bind(query.period.from)
        .bind(query.period.to)
        .bind(channel.map(Channel::as_str))
        .bind(phone.map(|phone| phone.to_string()))
        .bind(ip.map(|ip| ip.to_string()))
        .bind(flow.clone())
        .bind(browser.clone())
        .bind(region.map(|region| region.to_string()))
        .bind(reason.map(Reason::as_str))
}

/// Column of a series' keys.
pub(crate) fn key_column(by: SeriesBy) -> &'static str {
    match by {
        SeriesBy::Number => "phone",
        SeriesBy::Flow => "flow",
        SeriesBy::Ip => "host(ip)",
    }
}

/// Index of a bucket. `width_bucket` counts from 1, and the first bucket starts no later than the
/// range.
pub(crate) fn bucket_index(bucket: i32) -> usize {
    usize::try_from(bucket - 1).unwrap_or(0)
}

/// Statement for the rows of a tile, of failures that also meet `condition`; unordered.
pub(crate) fn tile_rows(tile: Tile, condition: &str) -> String {
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
         where {FAILURES} {condition} {further}
         group by 1, 2"
    )
}

/// Order of a tile's rows: descending count, then cells in code point order.
pub(crate) const TILE_ORDER: &str = "order by n desc, c1, c2";

/// All rows of a tile in the report's order. Numbers are unmasked.
pub async fn rows(pool: &PgPool, tile: Tile, query: &Query) -> Result<Vec<Row>> {
    let sql = format!("{} {TILE_ORDER}", tile_rows(tile, ""));
    let found = bind(sqlx::query(AssertSqlSafe(sql)), query).fetch_all(pool).await?;
    let width = tile.columns().len();
    found
        .iter()
        .map(|row| {
            let mut cells: Vec<String> = vec![row.try_get(0)?, row.try_get(1)?];
            cells.truncate(width);
            let count: i64 = row.try_get(2)?;
            Ok(Row { cells, count: u64::try_from(count).unwrap_or(0) })
        })
        .collect()
}

/// Number of failures that match a query.
pub async fn failures(pool: &PgPool, query: &Query) -> Result<u64> {
    let sql = format!("select count(*) from event where {FAILURES}");
    let row = bind(sqlx::query(AssertSqlSafe(sql)), query).fetch_one(pool).await?;
    Ok(u64::try_from(row.try_get::<i64, _>(0)?).unwrap_or(0))
}
