//! Numbers and networks of stored events that are spelled as they are not any more.

use super::Place;
use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, Row as _};
use uuid::Uuid;

/// An event's number and network as they are spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelled {
    /// Its place in the order in which events came in.
    pub place: Place,
    /// Its key.
    pub key: Uuid,
    /// When it was.
    pub time: DateTime<Utc>,
    /// The attempt it belongs to.
    pub attempt: Uuid,
    /// The number.
    pub phone: Option<String>,
    /// The network.
    pub carrier: Option<String>,
}

/// The next events after a place, at most so many.
///
/// # Errors
/// When the database refuses.
pub async fn spelled(pool: &PgPool, after: Place, limit: i64) -> Result<Vec<Spelled>> {
    let rows = sqlx::query(
        "select xid::text::bigint, seq, key, time, attempt, phone, carrier from event
         where (xid, seq) > ($1::text::xid8, $2) order by event.xid, event.seq limit $3",
    )
    .bind(after.xid.to_string())
    .bind(after.seq)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Spelled {
                place: Place { xid: row.try_get(0)?, seq: row.try_get(1)? },
                key: row.try_get(2)?,
                time: row.try_get(3)?,
                attempt: row.try_get(4)?,
                phone: row.try_get(5)?,
                carrier: row.try_get(6)?,
            })
        })
        .collect()
}

/// Writes the number and network of an event, and of its attempt where that has the same, in other
/// words; whether the event still was as it was read.
///
/// # Errors
/// When the database refuses.
pub async fn respell(
    conn: &mut PgConnection,
    known: &Spelled,
    phone: Option<&str>,
    carrier: Option<&str>,
) -> Result<bool> {
    let done = sqlx::query(
        "update event set phone = $4, carrier = $5
         where timezone('UTC', time)::date = timezone('UTC', $2)::date
           and uuid_hash(attempt) = uuid_hash($3) and attempt = $3 and time = $2 and key = $1
           and phone is not distinct from $6 and carrier is not distinct from $7",
    )
    .bind(known.key)
    .bind(known.time)
    .bind(known.attempt)
    .bind(phone)
    .bind(carrier)
    .bind(&known.phone)
    .bind(&known.carrier)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "update attempt set phone = case when phone = $2 then $3 else phone end,
             carrier = case when carrier = $4 then $5 else carrier end
         where id = $1 and (phone = $2 or carrier = $4)",
    )
    .bind(known.attempt)
    .bind(&known.phone)
    .bind(phone)
    .bind(&known.carrier)
    .bind(carrier)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}
