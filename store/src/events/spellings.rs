//! Respelling numbers and networks of stored events after numbering plans have changed.

use super::Arrived;
use crate::Result;
use sqlx::PgConnection;

/// Replaces the number and network of an event, and of its attempt where that has the same ones;
/// `false` if the event has changed since it was read.
pub async fn respell(
    conn: &mut PgConnection,
    known: &Arrived,
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
