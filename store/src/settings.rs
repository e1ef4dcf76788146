//! All versions of the settings sections; the newest is in force.

use crate::Result;
use crate::write::Write;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgExecutor};

/// A version of a settings section.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Version {
    /// Version number, from 1.
    pub version: i64,
    /// The section's settings as JSON.
    pub document: Value,
    /// Time of the change.
    pub changed: DateTime<Utc>,
    /// Author, named as in the audit log.
    pub changed_by: String,
}

/// The version in force; none while the section has its defaults.
pub async fn current(db: impl PgExecutor<'_>, section: &str) -> Result<Option<Version>> {
    let sql = "select version, document, changed, changed_by from settings
         where section = $1 order by version desc limit 1";
    Ok(sqlx::query_as(sql).bind(section).fetch_optional(db).await?)
}

/// Number of the version in force; 0 while the section has its defaults.
pub async fn version(db: impl PgExecutor<'_>, section: &str) -> Result<i64> {
    let sql = "select coalesce((select max(version) from settings where section = $1), 0)";
    let version = sqlx::query_scalar(sql);
    Ok(version.bind(section).fetch_one(db).await?)
}

/// Up to `limit` versions, newest first.
pub async fn history(db: impl PgExecutor<'_>, section: &str, limit: i64) -> Result<Vec<Version>> {
    let sql = "select version, document, changed, changed_by from settings
         where section = $1 order by version desc limit $2";
    Ok(sqlx::query_as(sql).bind(section).bind(limit).fetch_all(db).await?)
}

/// Adds a version; `false` if its number is taken because of a concurrent change.
pub async fn add(write: &mut Write, section: &str, version: &Version) -> Result<bool> {
    let done = sqlx::query(
        "insert into settings (section, version, document, changed, changed_by)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(section)
    .bind(version.version)
    .bind(&version.document)
    .bind(version.changed)
    .bind(&version.changed_by)
    .execute(write.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::written;
    use serde_json::json;
    use sqlx::PgPool;
    use testkit::noon;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_newest_version_holds(pool: PgPool) -> Result<()> {
        let changed = noon();
        let version = |version, code: &str| Version {
            version,
            document: json!({ "report_code": code }),
            changed,
            changed_by: "a@example.com".into(),
        };
        assert_eq!(current(&pool, "fraud-alerts").await?, None);
        assert!(
            written(&pool, async |write| add(write, "fraud-alerts", &version(1, "7")).await)
                .await?
        );
        assert!(
            !written(&pool, async |write| add(write, "fraud-alerts", &version(1, "8")).await)
                .await?,
            "the first stays"
        );
        assert!(
            written(&pool, async |write| add(write, "fraud-alerts", &version(2, "9")).await)
                .await?
        );
        assert_eq!(current(&pool, "fraud-alerts").await?, Some(version(2, "9")));
        assert_eq!(current(&pool, "countries").await?, None);
        let history = history(&pool, "fraud-alerts", 10).await?;
        assert_eq!(history, [version(2, "9"), version(1, "7")]);
        Ok(())
    }
}
