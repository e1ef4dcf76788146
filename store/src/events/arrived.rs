//! Events in the order they came in, for what is derived from them to be derived anew.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

/// A place in the order in which events came in; the default is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    xid: i64,
    seq: i64,
}

/// What an event was told with, and what was derived from it.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Its place.
    pub place: Place,
    /// Its key.
    pub key: Uuid,
    /// When it was.
    pub time: DateTime<Utc>,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// What the browser called itself; none where it was not told, or was erased since.
    pub user_agent: Option<String>,
    /// The browser's family.
    pub browser: Option<String>,
    /// The operating system's family.
    pub os: Option<String>,
    /// The number, as it is spelled.
    pub phone: Option<String>,
    /// The network, as it is spelled.
    pub carrier: Option<String>,
}

/// The next events after a place, with a user agent or without, at most so many.
///
/// # Errors
/// When the database refuses.
pub async fn arrived(pool: &PgPool, after: Place, limit: i64) -> Result<Vec<Arrived>> {
    // Those without are not left out here: between two that have one there may be millions.
    let rows = sqlx::query(
        "select xid::text::bigint as xid_number, seq, key, time, attempt, user_agent, browser, os,
             phone, carrier
         from event
         where (xid, seq) > ($1::text::xid8, $2) order by xid, seq limit $3",
    )
    .bind(after.xid.to_string())
    .bind(after.seq)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Arrived {
                place: Place { xid: row.try_get("xid_number")?, seq: row.try_get("seq")? },
                key: row.try_get("key")?,
                time: row.try_get("time")?,
                attempt: row.try_get("attempt")?,
                user_agent: row.try_get("user_agent")?,
                browser: row.try_get("browser")?,
                os: row.try_get("os")?,
                phone: row.try_get("phone")?,
                carrier: row.try_get("carrier")?,
            })
        })
        .collect()
}
