//! Settings: every version of every section; the newest holds.

use crate::Result;
use crate::write::Write;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgRow;
use sqlx::{PgExecutor, Row as _};

/// A version of a section.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its number, from 1.
    pub version: i64,
    /// What was set.
    pub document: Value,
    /// When.
    pub changed: DateTime<Utc>,
    /// By whom.
    pub changed_by: String,
}

fn read(row: &PgRow) -> Result<Version> {
    Ok(Version {
        version: row.try_get("version")?,
        document: row.try_get("document")?,
        changed: row.try_get("changed")?,
        changed_by: row.try_get("changed_by")?,
    })
}

/// The version that holds; none while all is as at the beginning.
///
/// # Errors
/// When the database refuses.
pub async fn current(db: impl PgExecutor<'_>, section: &str) -> Result<Option<Version>> {
    let row = sqlx::query(
        "select version, document, changed, changed_by from settings
         where section = $1 order by version desc limit 1",
    )
    .bind(section)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The number of the version that holds; 0 while all is as at the beginning.
///
/// # Errors
/// When the database refuses.
pub async fn version(db: impl PgExecutor<'_>, section: &str) -> Result<i64> {
    let version = sqlx::query_scalar(
        "select coalesce((select max(version) from settings where section = $1), 0)",
    );
    Ok(version.bind(section).fetch_one(db).await?)
}

/// The newest versions, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn history(db: impl PgExecutor<'_>, section: &str, limit: i64) -> Result<Vec<Version>> {
    let rows = sqlx::query(
        "select version, document, changed, changed_by from settings
         where section = $1 order by version desc limit $2",
    )
    .bind(section)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Adds a version; `false` when there is one of that number already: somebody else was first.
///
/// # Errors
/// When the database refuses.
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
    use chrono::TimeZone as _;
    use serde_json::json;
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_newest_version_holds(pool: PgPool) -> Result<()> {
        let changed = Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).unwrap();
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
