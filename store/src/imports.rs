//! Import jobs of the console.

use crate::parsed::parsed;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::sources::{Dates, IgnoredKinds};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgExecutor, PgPool, Row as _};
use uuid::Uuid;

/// State of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Not started.
    Waiting,
    /// In progress.
    Running,
    /// Completed.
    Done,
    /// Stopped by `error`. Committed events remain.
    Failed,
}

impl ImportState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Failed];

    /// Spelling in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Counts of a file's records; the five after `read` add up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records found.
    pub read: i64,
    /// New events.
    pub accepted: i64,
    /// Events stored before, to which a value was added.
    pub enriched: i64,
    /// Events stored before, unchanged.
    pub duplicates: i64,
    /// Records that are not phone verifications.
    pub ignored: i64,
    /// Records that could not be parsed.
    pub rejected: i64,
    /// Kinds of the ignored records.
    pub ignored_kinds: IgnoredKinds,
}

/// An uploaded file and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportJob {
    /// Also the name of the file in the spool.
    pub id: Uuid,
    /// Time of the upload.
    pub created: DateTime<Utc>,
    /// E-mail address of the account that uploaded it.
    pub by_email: String,
    /// Name of the file at the user.
    pub file_name: String,
    /// Order of day and month in dates that do not begin with the year.
    pub dates: Dates,
    /// Size of the file in bytes.
    pub bytes: i64,
    /// Whether it is waiting, running or ended.
    pub state: ImportState,
    /// Bytes read so far.
    pub done_bytes: i64,
    /// Counts of the records read so far.
    pub counts: Counts,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was done or failed.
    pub ended: Option<DateTime<Utc>>,
}

fn job(row: &PgRow) -> Result<ImportJob> {
    let word: &str = row.try_get("state")?;
    let state = ImportState::ALL.into_iter().find(|state| state.as_str() == word);
    Ok(ImportJob {
        id: row.try_get("id")?,
        created: row.try_get("created")?,
        by_email: row.try_get("by_email")?,
        file_name: row.try_get("file_name")?,
        dates: parsed("import_job", row.try_get("dates")?)?,
        bytes: row.try_get("bytes")?,
        state: state.ok_or_else(|| Error::corrupt("import_job", format_args!("state {word}")))?,
        done_bytes: row.try_get("done_bytes")?,
        counts: Counts {
            read: row.try_get("read")?,
            accepted: row.try_get("accepted")?,
            enriched: row.try_get("enriched")?,
            duplicates: row.try_get("duplicates")?,
            ignored: row.try_get("ignored")?,
            rejected: row.try_get("rejected")?,
            ignored_kinds: row.try_get::<Json<_>, _>("ignored_kinds")?.0,
        },
        error: row.try_get("error")?,
        ended: row.try_get("ended")?,
    })
}

/// Adds a waiting job.
pub async fn add(
    db: impl PgExecutor<'_>,
    id: Uuid,
    by_email: &str,
    file_name: &str,
    dates: Dates,
    bytes: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query(
        "insert into import_job (id, created, by_email, file_name, bytes, dates, state)
         values ($1, $2, $3, $4, $5, $6, 'waiting')",
    )
    .bind(id)
    .bind(now)
    .bind(by_email)
    .bind(file_name)
    .bind(bytes)
    .bind(dates.as_str())
    .execute(db)
    .await?;
    Ok(())
}

/// At most `limit` jobs, newest first.
pub async fn list(pool: &PgPool, limit: i64) -> Result<Vec<ImportJob>> {
    sqlx::query("select * from import_job order by created desc limit $1")
        .bind(limit)
        .fetch_all(pool)
        .await?
        .iter()
        .map(job)
        .collect()
}

/// Waiting jobs, and running ones that a stopped server has left; oldest first.
pub async fn open(pool: &PgPool) -> Result<Vec<ImportJob>> {
    sqlx::query("select * from import_job where state in ('waiting', 'running') order by created")
        .fetch_all(pool)
        .await?
        .iter()
        .map(job)
        .collect()
}

/// Updates a job's progress; `ended` when it is done or failed.
pub async fn update(
    pool: &PgPool,
    id: Uuid,
    state: ImportState,
    done_bytes: i64,
    counts: Counts,
    error: Option<&str>,
    ended: Option<DateTime<Utc>>,
) -> Result<()> {
    sqlx::query(
        "update import_job set state = $2, done_bytes = $3, read = $4, accepted = $5,
             duplicates = $6, ignored = $7, rejected = $8, error = $9, ended = $10,
             enriched = $11, ignored_kinds = $12
         where id = $1",
    )
    .bind(id)
    .bind(state.as_str())
    .bind(done_bytes)
    .bind(counts.read)
    .bind(counts.accepted)
    .bind(counts.duplicates)
    .bind(counts.ignored)
    .bind(counts.rejected)
    .bind(error)
    .bind(ended)
    .bind(counts.enriched)
    .bind(Json(counts.ignored_kinds))
    .execute(pool)
    .await?;
    Ok(())
}
