//! Which alerts were raised: once per cause, whichever server raises them.

use crate::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::notify::AlertKind;
use sqlx::{PgConnection, PgExecutor};
use std::collections::HashSet;

/// When causes are deleted; `again_after` must not be longer.
const KEPT: TimeDelta = TimeDelta::days(40);

/// Records an alert for a cause; `false` if there was one before: ever, or within `again_after`. Of
/// two concurrent transactions the second waits for the first.
pub async fn record(
    conn: &mut PgConnection,
    kind: AlertKind,
    key: &str,
    now: DateTime<Utc>,
    again_after: Option<TimeDelta>,
) -> Result<bool> {
    let before = again_after.map_or(DateTime::UNIX_EPOCH, |after| now - after);
    // A recent alert is found without a lock, since many transactions ask at once while a cap is
    // reached.
    let done = sqlx::query(
        "insert into alert_told (kind, key, told)
         select $1, $2, $3
         where not exists (
             select from alert_told where kind = $1 and key = $2 and told > $4)
         on conflict (kind, key) do update set told = excluded.told
         where alert_told.told <= $4",
    )
    .bind(kind.as_str())
    .bind(key)
    .bind(now)
    .bind(before)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Causes of a kind with an alert after an instant.
pub async fn told_since(
    db: impl PgExecutor<'_>,
    kind: AlertKind,
    since: DateTime<Utc>,
) -> Result<HashSet<String>> {
    let sql = "select key from alert_told where kind = $1 and told > $2";
    let keys = sqlx::query_scalar(sql).bind(kind.as_str()).bind(since).fetch_all(db).await?;
    Ok(keys.into_iter().collect())
}

/// Deletes causes older than 40 days; returns how many.
pub async fn forget(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<u64> {
    let done =
        sqlx::query("delete from alert_told where told < $1").bind(now - KEPT).execute(db).await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_cause_is_told_once_and_again_after_its_time(pool: PgPool) -> Result<()> {
        let noon = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
        let mut conn = pool.acquire().await?;
        let hour = TimeDelta::hours(1);
        let second = TimeDelta::seconds(1);
        let kind = AlertKind::Surge;
        assert!(record(&mut conn, kind, "JM", noon, None).await?);
        assert!(!record(&mut conn, kind, "JM", noon + hour, None).await?, "told for ever");
        assert!(!record(&mut conn, kind, "JM", noon + hour - second, Some(hour)).await?);
        assert!(record(&mut conn, kind, "JM", noon + hour, Some(hour)).await?);
        assert!(!record(&mut conn, kind, "JM", noon + hour, Some(hour)).await?);
        assert!(record(&mut conn, AlertKind::Conversion, "JM", noon, None).await?, "another kind");
        assert!(record(&mut conn, kind, "US", noon, None).await?, "another cause");

        let told = told_since(&pool, kind, noon).await?;
        assert_eq!(told, HashSet::from(["JM".to_owned()]));
        assert_eq!(forget(&pool, noon + KEPT).await?, 0);
        assert_eq!(forget(&pool, noon + KEPT + second).await?, 2);
        assert!(record(&mut conn, AlertKind::Conversion, "JM", noon, None).await?);
        Ok(())
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn of_many_at_once_one_tells_and_one_taken_back_told_nothing(pool: PgPool) -> Result<()> {
        let noon = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
        let mut taken_back = pool.begin().await?;
        assert!(record(&mut taken_back, AlertKind::Surge, "JM", noon, None).await?);
        let tries = (0..4).map(|_| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut transaction = pool.begin().await?;
                let first = record(&mut transaction, AlertKind::Surge, "JM", noon, None).await?;
                transaction.commit().await?;
                Result::Ok(first)
            })
        });
        let tries = tries.collect::<Vec<_>>();
        taken_back.rollback().await?;
        let mut told = 0;
        for tried in tries {
            told += usize::from(tried.await.unwrap()?);
        }
        assert_eq!(told, 1);
        Ok(())
    }

    #[sqlx::test(migrations = false)]
    async fn whoever_wanted_every_kind_wants_the_new_ones_too(pool: PgPool) -> Result<()> {
        let before = crate::MIGRATOR.iter().filter(|one| one.version < 12).cloned();
        sqlx::migrate::Migrator::with_migrations(before.collect()).run(&pool).await?;
        for (id, events) in [
            (1, "fraud_report,block,breaker,set_up_change,source_silent,delivery_trouble"),
            (2, "fraud_report,block"),
        ] {
            sqlx::query(
                "insert into recipient (id, kind, address, events, created, created_by)
                 values ($1, 'email', $2, string_to_array($3, ','), now(), 'ann@example.com')",
            )
            .bind(uuid::Uuid::from_u128(id))
            .bind(format!("r{id}@example.com"))
            .bind(events)
            .execute(&pool)
            .await?;
        }
        crate::MIGRATOR.run(&pool).await?;
        let mut conn = pool.acquire().await?;
        for (id, events) in
            [(1, AlertKind::ALL), (2, &[AlertKind::FraudReport, AlertKind::Block][..])]
        {
            let row = crate::recipients::by_id(&mut *conn, uuid::Uuid::from_u128(id)).await?;
            assert_eq!(row.unwrap().events, events);
        }
        Ok(())
    }
}
