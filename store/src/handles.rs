//! The key that handles are computed with: one row, made on first use.

use crate::Result;
use crate::parsed::sized;
use sqlx::PgPool;

/// The stored key; `fresh` is stored if there is none yet.
///
/// # Errors
/// [`crate::Error::Corrupt`] if the stored key has the wrong length.
pub async fn key(pool: &PgPool, fresh: &[u8; 32]) -> Result<[u8; 32]> {
    let sql = "insert into store_key (handle_key) values ($1) on conflict do nothing";
    sqlx::query(sql).bind(fresh.as_slice()).execute(pool).await?;
    let key = sqlx::query_scalar("select handle_key from store_key").fetch_one(pool).await?;
    sized("store_key", "key", key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_first_key_stays(pool: PgPool) -> Result<()> {
        assert_eq!(key(&pool, &[1; 32]).await?, [1; 32]);
        assert_eq!(key(&pool, &[2; 32]).await?, [1; 32]);
        sqlx::query("update store_key set handle_key = '\\x00'").execute(&pool).await?;
        assert!(matches!(key(&pool, &[3; 32]).await, Err(Error::Corrupt { .. })));
        Ok(())
    }
}
