//! The flows and apps that can be given display names.

use crate::Result;
use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// Flows with the number of their attempts since an instant: most frequent first, then in code
/// point order, at most `limit`.
pub async fn flows(pool: &PgPool, since: DateTime<Utc>, limit: i64) -> Result<Vec<(String, u64)>> {
    let sql = r#"select flow, count(*) as n from attempt where time >= $1 and flow is not null
         group by flow order by n desc, flow collate "C" limit $2"#;
    counted(pool, sql, since, limit).await
}

/// [`flows`] for apps.
pub async fn apps(pool: &PgPool, since: DateTime<Utc>, limit: i64) -> Result<Vec<(String, u64)>> {
    let sql = r#"select app, count(*) as n from attempt where time >= $1 and app is not null
         group by app order by n desc, app collate "C" limit $2"#;
    counted(pool, sql, since, limit).await
}

async fn counted(
    pool: &PgPool,
    sql: &'static str,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(String, u64)>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as(sql).bind(since).bind(limit).fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(name, n)| (name, u64::try_from(n).unwrap_or(0))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_most_frequent_stand_first(pool: PgPool) -> Result<()> {
        let now = domain::period::parse_time("2026-11-20").unwrap();
        let attempt = async |id: u32, flow: Option<&str>, app: Option<&str>, days: i64| {
            sqlx::query(
                "insert into attempt (id, time, outcome, outcome_time, flow, app, origins)
                 values (md5($1::text)::uuid, $2, 'sent', $2, $3, $4, '{}')",
            )
            .bind(id.to_string())
            .bind(now - TimeDelta::days(days))
            .bind(flow)
            .bind(app)
            .execute(&pool)
            .await
        };
        attempt(1, Some("up"), Some("shop"), 1).await?;
        attempt(2, Some("up"), None, 2).await?;
        attempt(3, Some("in"), Some("shop"), 3).await?;
        attempt(4, Some("Edit"), None, 3).await?;
        attempt(5, Some("old"), None, 100).await?;
        attempt(6, None, None, 1).await?;
        let since = now - TimeDelta::days(90);
        let named = |id: &str, count| (id.to_owned(), count);
        assert_eq!(
            flows(&pool, since, 10).await?,
            [named("up", 2), named("Edit", 1), named("in", 1)]
        );
        assert_eq!(flows(&pool, since, 1).await?, [named("up", 2)]);
        assert_eq!(apps(&pool, since, 10).await?, [named("shop", 2)]);
        Ok(())
    }
}
