//! Jobs of the console's import.

use crate::parsed::parsed;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::sources::{Dates, IgnoredKinds};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgExecutor, PgPool, Row as _};
use uuid::Uuid;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// For its turn.
    Waiting,
    /// Being read.
    Running,
    /// Read to the end.
    Done,
    /// Broken off; `error` says why. What was committed stays.
    Failed,
}

impl State {
    const ALL: [Self; 4] = [Self::Waiting, Self::Running, Self::Done, Self::Failed];

    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What became of a file's records; the five counts behind `read` add up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records found.
    pub read: i64,
    /// Taken as events.
    pub accepted: i64,
    /// Known already, with something that was missing.
    pub enriched: i64,
    /// Known already.
    pub duplicates: i64,
    /// No phone verification.
    pub ignored: i64,
    /// Not readable.
    pub rejected: i64,
    /// Of what kinds the ignored ones are.
    pub ignored_kinds: IgnoredKinds,
}

/// A file that somebody brought, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id, also its file's name in the spool.
    pub id: Uuid,
    /// When it was brought.
    pub created: DateTime<Utc>,
    /// By whom.
    pub by_email: String,
    /// The file's name where it came from.
    pub file_name: String,
    /// How it writes dates that do not begin with the year.
    pub dates: Dates,
    /// The file's size.
    pub bytes: i64,
    /// Where it stands.
    pub state: State,
    /// Bytes read so far.
    pub done_bytes: i64,
    /// What became of its records so far.
    pub counts: Counts,
    /// Why it was broken off.
    pub error: Option<String>,
    /// When it ended.
    pub ended: Option<DateTime<Utc>>,
}

fn job(row: &PgRow) -> Result<Job> {
    let word: &str = row.try_get("state")?;
    let state = State::ALL.into_iter().find(|state| state.as_str() == word);
    Ok(Job {
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

/// Adds a job that waits.
///
/// # Errors
/// When the database refuses.
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

/// The newest jobs first, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn list(pool: &PgPool, limit: i64) -> Result<Vec<Job>> {
    sqlx::query("select * from import_job order by created desc limit $1")
        .bind(limit)
        .fetch_all(pool)
        .await?
        .iter()
        .map(job)
        .collect()
}

/// One job.
///
/// # Errors
/// When the database refuses.
pub async fn get(pool: &PgPool, id: Uuid) -> Result<Option<Job>> {
    sqlx::query("select * from import_job where id = $1")
        .bind(id)
        .fetch_optional(pool)
        .await?
        .as_ref()
        .map(job)
        .transpose()
}

/// Jobs that wait, and those that a server which is no more left running; oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn open(pool: &PgPool) -> Result<Vec<Job>> {
    sqlx::query("select * from import_job where state in ('waiting', 'running') order by created")
        .fetch_all(pool)
        .await?
        .iter()
        .map(job)
        .collect()
}

/// Writes how far a job is; `ended` when it is done or failed.
///
/// # Errors
/// When the database refuses.
pub async fn update(
    pool: &PgPool,
    id: Uuid,
    state: State,
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
