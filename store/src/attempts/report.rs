//! The report `attempts`: row by row, however many there are.

use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::phone::PhoneError;
use domain::signins::Filter;
use domain::{Channel, Kind, PhoneNumber, Reason};
use futures::{Stream, TryStreamExt as _};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};

/// A row of the report; the number is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// When the attempt began.
    pub time: DateTime<Utc>,
    /// Its number.
    pub phone: Option<PhoneNumber>,
    /// journey, user, region, channel, flow, ip, outcome, reason, reason_text, cost; empty where
    /// there is none.
    pub cells: [String; 10],
}

/// Attempts that fit, newest first, those of the same time by id.
pub fn report<'p>(
    pool: &'p PgPool,
    filter: &Filter,
) -> impl Stream<Item = Result<Reported>> + use<'p> {
    sqlx::query(
        r#"select time, phone, journey, "user", region, channel, flow, host(ip), outcome, reason,
               reason_text, cost_amount::text || ' ' || cost_currency
           from attempt
           where time >= $1 and time < $2
             and ($3::text is null or user_key = $3)
             and ($4::text is null or phone = $4)
             and ($5::text is null or ip = $5::inet)
             and ($6::text is null or channel = $6)
             and ($7::text is null or outcome = $7)
             and ($8::text is null or region = $8)
             and ($9::text is null or flow = $9)
             and ($10::text is null or reason = $10)
             and ($11::text is null or browser = $11)
           order by time desc, id"#,
    )
    .bind(filter.period.from)
    .bind(filter.period.to)
    .bind(filter.user.clone())
    .bind(filter.phone.map(|phone| phone.to_string()))
    .bind(filter.ip.map(|ip| ip.to_string()))
    .bind(filter.channel.map(Channel::as_str))
    .bind(filter.outcome.map(Kind::as_str))
    .bind(filter.region.map(|region| region.to_string()))
    .bind(filter.flow.clone())
    .bind(filter.reason.map(Reason::as_str))
    .bind(filter.browser.clone())
    .fetch(pool)
    .map_err(Error::from)
    .and_then(async |row| read(&row))
}

fn read(row: &PgRow) -> Result<Reported> {
    let phone: Option<&str> = row.try_get("phone")?;
    let phone = phone.map(str::parse).transpose().map_err(|error: PhoneError| Error::Corrupt {
        table: "attempt",
        what: format!("phone: {error}"),
    })?;
    let mut cells = <[String; 10]>::default();
    for (at, cell) in cells.iter_mut().enumerate() {
        // The columns after time and number, in the statement's order.
        *cell = row.try_get::<Option<String>, _>(at + 2)?.unwrap_or_default();
    }
    Ok(Reported { time: row.try_get("time")?, phone, cells })
}
