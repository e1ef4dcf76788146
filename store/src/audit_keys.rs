//! Keys of the audit chain: the head has the number of the current one, replaced ones are stored
//! sealed.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Switches the chain to another key, whose secret has this check. The head must be locked.
pub async fn begin_key(conn: &mut PgConnection, key: i32, check: &[u8]) -> Result<()> {
    let sql = "update audit_head set key = $1, secret_check = $2";
    sqlx::query(sql).bind(key).bind(check).execute(conn).await?;
    Ok(())
}

/// Replaced keys, by number, sealed under the current secret.
pub async fn old_keys(conn: &mut PgConnection) -> Result<Vec<(i32, Vec<u8>)>> {
    let sql = "select number, sealed from audit_key order by number";
    Ok(sqlx::query_as(sql).fetch_all(conn).await?)
}

/// Stores a replaced key, or a stored one under a new seal.
pub async fn keep_key(
    conn: &mut PgConnection,
    number: i32,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "insert into audit_key (number, sealed, retired) values ($1, $2, $3)
         on conflict (number) do update set sealed = excluded.sealed";
    sqlx::query(sql).bind(number).bind(sealed).bind(now).execute(conn).await?;
    Ok(())
}
