//! Used captcha challenges.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// Uses up a challenge, once across all servers; `false` if it was used before or has expired (used
/// ones are forgotten some time after they expire). Waits for another transaction that is using the
/// same one; callers use several in the order of their ids to avoid deadlocks.
pub async fn use_up(
    conn: &mut PgConnection,
    id: Uuid,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "insert into captcha_used (id, expires) select $1, $2::timestamptz where $2 > $3
         on conflict (id) do nothing";
    let done = sqlx::query(sql).bind(id).bind(expires).bind(now).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Whether a challenge was used.
pub async fn is_used(db: impl PgExecutor<'_>, id: Uuid) -> Result<bool> {
    let sql = "select exists (select from captcha_used where id = $1)";
    Ok(sqlx::query_scalar(sql).bind(id).fetch_one(db).await?)
}

/// Deletes challenges an hour after they expire; returns how many. The hour allows for clocks that
/// differ: no server may still accept a challenge that another has forgotten.
pub async fn forget(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<u64> {
    let sql = "delete from captcha_used where expires <= $1::timestamptz - interval '1 hour'";
    let done = sqlx::query(sql).bind(now).execute(db).await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use sqlx::PgPool;
    use testkit::noon;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn one_is_used_once_until_it_is_forgotten(pool: PgPool) -> Result<()> {
        let (id, end) = (Uuid::from_u128(1), noon() + TimeDelta::minutes(10));
        let mut conn = pool.acquire().await?;
        assert!(use_up(&mut conn, id, end, noon()).await?);
        assert!(!use_up(&mut conn, id, end, noon()).await?, "used twice");
        assert!(use_up(&mut conn, Uuid::from_u128(2), end, noon()).await?);
        assert!(!use_up(&mut conn, Uuid::from_u128(3), end, end).await?, "used when over");

        let forgotten = end + TimeDelta::hours(1);
        assert_eq!(forget(&pool, forgotten - TimeDelta::microseconds(1)).await?, 0);
        assert_eq!(forget(&pool, forgotten).await?, 2);
        assert!(!use_up(&mut conn, id, end, forgotten).await?, "used when forgotten");
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn of_many_at_once_one_uses_it_and_a_transaction_taken_back_uses_none(
        pool: PgPool,
    ) -> Result<()> {
        let (id, end) = (Uuid::from_u128(1), noon() + TimeDelta::minutes(10));
        let mut taken_back = pool.begin().await?;
        assert!(use_up(&mut taken_back, id, end, noon()).await?);
        taken_back.rollback().await?;
        let tries = (0..4).map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut transaction = pool.begin().await?;
                let used = use_up(&mut transaction, id, end, noon()).await?;
                transaction.commit().await?;
                Result::Ok(used)
            })
        });
        let mut used = 0;
        for tried in tries.collect::<Vec<_>>() {
            used += usize::from(tried.await.unwrap()?);
        }
        assert_eq!(used, 1);
        Ok(())
    }
}
