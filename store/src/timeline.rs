//! An attempt's timeline: its events from every source, as they were told.

use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::{Cost, Kind, PhoneNumber, Reason};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};
use std::fmt::Display;
use std::net::IpAddr;
use std::str::FromStr;
use uuid::Uuid;

/// An event as the timeline shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// Who tells of it.
    pub source: String,
    /// What happened.
    pub kind: Kind,
    /// The account.
    pub user: Option<String>,
    /// The number.
    pub phone: Option<PhoneNumber>,
    /// The address.
    pub ip: Option<IpAddr>,
    /// A device id.
    pub device: Option<String>,
    /// The operating system's family.
    pub os: Option<String>,
    /// Why it failed, in our words.
    pub reason: Option<Reason>,
    /// In the source's words.
    pub reason_text: Option<String>,
    /// The provider's id of the message or call.
    pub provider_ref: Option<String>,
    /// What it cost.
    pub cost: Option<Cost>,
    /// What else the source said.
    pub extra: Option<Value>,
}

/// The events of an attempt, first to last, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn events(db: impl PgExecutor<'_>, attempt: Uuid, limit: i64) -> Result<Vec<Told>> {
    let rows = sqlx::query(
        r#"select time, received, source, kind, "user", phone, host(ip) as ip, device, os, reason, reason_text,
               provider_ref, cost_amount, cost_currency, extra
           from event where attempt = $1 order by time, seq limit $2"#,
    )
    .bind(attempt)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<Told> {
    fn parsed<T: FromStr>(row: &PgRow, name: &'static str) -> Result<Option<T>>
    where
        T::Err: Display,
    {
        let text: Option<&str> = row.try_get(name)?;
        text.map(str::parse).transpose().map_err(|error: T::Err| Error::Corrupt {
            table: "event",
            what: format!("{name}: {error}"),
        })
    }
    let amount: Option<rust_decimal::Decimal> = row.try_get("cost_amount")?;
    let currency: Option<String> = row.try_get("cost_currency")?;
    let missing = || Error::Corrupt { table: "event", what: "no kind".to_owned() };
    Ok(Told {
        time: row.try_get("time")?,
        received: row.try_get("received")?,
        source: row.try_get("source")?,
        kind: parsed(row, "kind")?.ok_or_else(missing)?,
        user: row.try_get("user")?,
        phone: parsed(row, "phone")?,
        ip: parsed(row, "ip")?,
        device: row.try_get("device")?,
        os: row.try_get("os")?,
        reason: parsed(row, "reason")?,
        reason_text: row.try_get("reason_text")?,
        provider_ref: row.try_get("provider_ref")?,
        cost: amount.zip(currency).map(|(amount, currency)| Cost { amount, currency }),
        extra: row.try_get("extra")?,
    })
}
