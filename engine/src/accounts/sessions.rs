//! How long a session lasts.

use chrono::{DateTime, TimeDelta, Utc};
use store::Db;
use store::sessions::Cutoffs;

/// A session ends this long after sign-in, used or not.
const WHOLE: TimeDelta = TimeDelta::days(7);
/// A signed-in session ends when unused for this long: a working day's longest break.
const UNUSED: TimeDelta = TimeDelta::hours(12);
/// A session before sign-in holds a refused form and no more.
const UNKNOWN: TimeDelta = TimeDelta::minutes(15);

/// The times before which sessions are over.
pub fn cutoffs(now: DateTime<Utc>) -> Cutoffs {
    Cutoffs { created: now - WHOLE, seen: now - UNUSED, seen_unknown: now - UNKNOWN }
}

/// Removes some sessions that are over; whether there may be more.
///
/// # Errors
/// When the store refuses.
pub async fn step(db: &Db) -> Result<bool, store::Error> {
    Ok(store::sessions::prune(&db.pool, cutoffs(db.clock.now())).await? > 0)
}
