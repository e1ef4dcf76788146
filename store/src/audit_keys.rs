//! The keys of the audit log's chain: the number of the present one stands at the head, those that
//! were replaced are kept sealed.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Makes the chain go on with another key, whose secret has this check. The head must be locked.
///
/// # Errors
/// When the database refuses.
pub async fn begin_key(conn: &mut PgConnection, key: i32, check: &[u8]) -> Result<()> {
    sqlx::query("update audit_head set key = $1, secret_check = $2")
        .bind(key)
        .bind(check)
        .execute(conn)
        .await?;
    Ok(())
}

/// The keys that were replaced, by their numbers, sealed under the present secret.
///
/// # Errors
/// When the database refuses.
pub async fn old_keys(conn: &mut PgConnection) -> Result<Vec<(i32, Vec<u8>)>> {
    let sql = "select number, sealed from audit_key order by number";
    Ok(sqlx::query_as(sql).fetch_all(conn).await?)
}

/// Keeps a key that is replaced, or one kept before under another seal.
///
/// # Errors
/// When the database refuses.
pub async fn keep_key(
    conn: &mut PgConnection,
    number: i32,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "insert into audit_key (number, sealed, retired) values ($1, $2, $3)
         on conflict (number) do update set sealed = excluded.sealed",
    )
    .bind(number)
    .bind(sealed)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(())
}
