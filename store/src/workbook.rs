//! The workbook's tiles by `GROUP BY` over the events: for older ranges, for the command line, and
//! as the truth that tallies and the column table are held against.

use crate::Result;
use domain::workbook::{Query, Row, Tile};
use sqlx::{PgPool, Row as _};

/// A tile's rows, all of them, in the report's order (count falling, then cells rising by code
/// point). Numbers are whole.
///
/// # Errors
/// When the database refuses.
pub async fn rows(pool: &PgPool, tile: Tile, query: &Query) -> Result<Vec<Row>> {
    let (columns, order, further) = match tile {
        Tile::FailureReasons => ("reason, reason_text", "c1, c2", ""),
        Tile::NumberIpFailures => ("phone, host(ip)", "c1, c2", ""),
        Tile::BlockedNumbers => ("phone, null::text", "c1", "and kind = 'blocked'"),
        Tile::IpFailures => ("host(ip), null::text", "c1", ""),
        Tile::Browsers => ("browser, null::text", "c1", ""),
        Tile::OperatingSystems => ("os, null::text", "c1", ""),
    };
    let sql = format!(
        "select coalesce(k.c1, '') collate \"C\" as c1, coalesce(k.c2, '') collate \"C\" as c2,
             count(*) as n
         from event, lateral (select {columns}) as k (c1, c2)
         where time >= $1 and time < $2
             and kind in ('failed', 'blocked', 'undelivered', 'expired')
             and ($3::text is null or channel = $3) {further}
         group by 1, 2 order by n desc, {order}"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(query.period.from)
        .bind(query.period.to)
        .bind(query.channel.map(domain::Channel::as_str))
        .fetch_all(pool)
        .await?;
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

/// Failures in a range, counted one by one.
///
/// # Errors
/// When the database refuses.
pub async fn failures(pool: &PgPool, query: &Query) -> Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from event where time >= $1 and time < $2
             and kind in ('failed', 'blocked', 'undelivered', 'expired')
             and ($3::text is null or channel = $3)",
    )
    .bind(query.period.from)
    .bind(query.period.to)
    .bind(query.channel.map(domain::Channel::as_str))
    .fetch_one(pool)
    .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
