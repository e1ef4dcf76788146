//! Events in order of arrival, for deriving values anew.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// Position in the order of arrival; the default is before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, FromRow)]
pub struct ArrivalPosition {
    #[sqlx(rename = "xid_number")]
    xid: i64,
    seq: i64,
}

/// The parts of an event that values are derived from, and the derived values.
#[derive(Debug, Clone, FromRow)]
pub struct Arrived {
    /// Position in the order of arrival.
    #[sqlx(flatten)]
    pub place: ArrivalPosition,
    /// Unique key of the event.
    pub key: Uuid,
    /// When it happened; leads to the partition.
    pub time: DateTime<Utc>,
    /// Id of its attempt.
    pub attempt: Uuid,
    /// User agent; none if not sent, or erased since.
    pub user_agent: Option<String>,
    /// Browser family derived from it.
    pub browser: Option<String>,
    /// Operating system family derived from it.
    pub os: Option<String>,
    /// Phone number in its stored spelling.
    pub phone: Option<String>,
    /// Carrier in its stored spelling.
    pub carrier: Option<String>,
}

/// At most `limit` events after a position.
pub async fn arrived(pool: &PgPool, after: ArrivalPosition, limit: i64) -> Result<Vec<Arrived>> {
    // Events without a user agent are included: millions may lie between two that have one.
    Ok(sqlx::query_as(
        "select xid::text::bigint as xid_number, seq, key, time, attempt, user_agent, browser, os,
             phone, carrier
         from event
         where (xid, seq) > ($1::text::xid8, $2) order by xid, seq limit $3",
    )
    .bind(after.xid.to_string())
    .bind(after.seq)
    .bind(limit)
    .fetch_all(pool)
    .await?)
}
