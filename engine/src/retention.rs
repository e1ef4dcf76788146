//! Retention: events older than the setting are forgotten, a part at a time. Their keys stay, so
//! that a log imported again brings duplicates, not ghosts.

use crate::Error;
use chrono::TimeDelta;
use store::Db;

/// Attempts forgotten in one step.
const STEP: i64 = 10_000;

/// What a step of a worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There may be more to do.
    Worked,
    /// Nothing to do.
    Idle,
}

/// Forgets what is older than `days`; nothing when absent. Partitions go whole: an event lives
/// until its month has passed out of the range. Tallies and attempts go with the partitions, so
/// that every number goes on agreeing with the events behind it.
///
/// # Errors
/// When the store refuses.
pub async fn step(db: &Db, days: Option<u32>) -> Result<Progress, Error> {
    let Some(days) = days else { return Ok(Progress::Idle) };
    let oldest = db.clock.now() - TimeDelta::days(i64::from(days));
    let month = store::partitions::Month::of(oldest).start();
    let dropped = store::partitions::drop_before(&db.pool, month).await?;
    let mut conn = db.pool.acquire().await.map_err(store::Error::from)?;
    let tallies = store::tallies::delete_before(&mut conn, month).await?;
    let attempts = store::attempts::delete_before(&mut conn, month, STEP).await?;
    if dropped + tallies + attempts == 0 {
        return Ok(Progress::Idle);
    }
    tracing::info!(dropped, tallies, attempts, before = %month, "retention");
    Ok(Progress::Worked)
}
