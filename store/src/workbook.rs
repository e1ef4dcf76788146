//! The workbook's tiles by `GROUP BY` over the events: for older ranges, for the command line, and
//! as the truth that tallies and the column table are held against.

use crate::Result;
use crate::events::is_failure;
use domain::workbook::{Filters, Query, Row, Tile};
use domain::{Channel, Reason};
use sqlx::postgres::PgArguments;
use sqlx::{PgPool, Postgres, Row as _};

/// The failures that fit a query, by the arguments that [`Bound`] binds.
pub(crate) const FAILURES: &str = concat!(
    "time >= $1 and time < $2 and ",
    is_failure!(),
    " and ($3::text is null or channel = $3)
             and ($4::text is null or phone = $4)
             and ($5::text is null or ip = $5::inet)
             and ($6::text is null or flow = $6)
             and ($7::text is null or browser = $7)
             and ($8::text is null or region = $8)
             and ($9::text is null or reason = $9)"
);

/// Binds range and filters, `$1` to `$9`.
pub(crate) trait Bound: Sized {
    /// Binds a text that may be none.
    fn text(self, text: Option<String>) -> Self;
    /// Binds a time.
    fn time(self, time: chrono::DateTime<chrono::Utc>) -> Self;

    /// Binds them all.
    fn query(self, query: &Query) -> Self {
        let Filters { channel, phone, ip, flow, browser, region, reason } = &query.filters;
        self.time(query.period.from)
            .time(query.period.to)
            .text(channel.map(Channel::as_str).map(str::to_owned))
            .text(phone.map(|phone| phone.to_string()))
            .text(ip.map(|ip| ip.to_string()))
            .text(flow.clone())
            .text(browser.clone())
            .text(region.map(|region| region.to_string()))
            .text(reason.map(Reason::as_str).map(str::to_owned))
    }
}

impl Bound for sqlx::query::Query<'_, Postgres, PgArguments> {
    fn text(self, text: Option<String>) -> Self {
        self.bind(text)
    }

    fn time(self, time: chrono::DateTime<chrono::Utc>) -> Self {
        self.bind(time)
    }
}

impl<O> Bound for sqlx::query::QueryScalar<'_, Postgres, O, PgArguments> {
    fn text(self, text: Option<String>) -> Self {
        self.bind(text)
    }

    fn time(self, time: chrono::DateTime<chrono::Utc>) -> Self {
        self.bind(time)
    }
}

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
        Tile::NumberFailures => ("phone, null::text", "c1", ""),
        Tile::IpFailures => ("host(ip), null::text", "c1", ""),
        Tile::Browsers => ("browser, null::text", "c1", ""),
        Tile::OperatingSystems => ("os, null::text", "c1", ""),
    };
    let sql = format!(
        "select coalesce(k.c1, '') collate \"C\" as c1, coalesce(k.c2, '') collate \"C\" as c2,
             count(*) as n
         from event, lateral (select {columns}) as k (c1, c2)
         where {FAILURES} {further}
         group by 1, 2 order by n desc, {order}"
    );
    let found = sqlx::query(sqlx::AssertSqlSafe(sql)).query(query).fetch_all(pool).await?;
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
    let sql = format!("select count(*) from event where {FAILURES}");
    let count: i64 =
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).query(query).fetch_one(pool).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
