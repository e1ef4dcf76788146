//! The newest write, for pages that wait for it.

use crate::Result;
use sqlx::PgPool;

/// The newest transaction after `since` that wrote events and is below [`crate::events::horizon`],
/// so that its rows are visible to readers. Fraud reports and decisions count, since each writes an
/// event.
pub async fn newest(pool: &PgPool, since: u64) -> Result<Option<u64>> {
    // The driver has no type for xid8; 63 bits of it never run out.
    let xid: Option<i64> = sqlx::query_scalar(
        "select xid::text::bigint from event
         where xid > $1::text::xid8 and xid < pg_snapshot_xmin(pg_current_snapshot())
         order by xid desc, seq desc limit 1",
    )
    .bind(since.to_string())
    .fetch_optional(pool)
    .await?;
    Ok(xid.and_then(|xid| u64::try_from(xid).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn write(db: impl sqlx::PgExecutor<'_>, id: i32) -> Result<()> {
        sqlx::query(
            "insert into event (key, attempt, time, received, source, id, kind)
             values (gen_random_uuid(), gen_random_uuid(), '2020-12-01', '2020-12-01', 'test', $1::text, 'failed')",
        )
        .bind(id.to_string())
        .execute(db)
        .await?;
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn what_is_open_is_not_told_and_nothing_is_skipped(pool: PgPool) -> Result<()> {
        let month = crate::partitions::Month::of(
            domain::period::parse_time("2020-12-01").unwrap_or_default(),
        );
        crate::partitions::ensure(&pool, &[month]).await?;
        assert_eq!(newest(&pool, 0).await?, None);
        let mut open = pool.begin().await?;
        write(&mut *open, 1).await?;
        write(&pool, 2).await?;
        assert_eq!(newest(&pool, 0).await?, None, "the older one may still come");
        open.commit().await?;
        let first = newest_settled(&pool, 0).await?;
        assert_eq!(newest(&pool, first).await?, None);
        write(&pool, 3).await?;
        assert!(newest_settled(&pool, first).await? > first);
        Ok(())
    }

    /// The newest of all, as soon as nothing older is open: other databases of the same cluster
    /// hold the bound back too.
    async fn newest_settled(pool: &PgPool, since: u64) -> Result<u64> {
        let sql = "select xid::text::bigint from event order by xid desc limit 1";
        let written: i64 = sqlx::query_scalar(sql).fetch_one(pool).await?;
        for _ in 0..100_000 {
            if let Some(newest) = newest(pool, since).await?
                && newest == written.unsigned_abs()
            {
                return Ok(newest);
            }
        }
        panic!("{written} was never told");
    }
}
