//! The audit log: verifying its chain, frequent entries, and its head.

mod check;
mod fold;
mod log;
mod verify;

pub use check::{Check, Checks, Outcome};
pub use log::{Log, NoteError};
pub use verify::{ChainError, Progress, Verified, VerifyError, verify};

use crate::Error;
use crate::sync::lock;
use crate::work::Progress as Step;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex};
use store::Db;

/// How often the head is written to the server's own log, which is stored outside the database.
const TELL: TimeDelta = TimeDelta::hours(1);

/// The audit log's part of the engine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Audit {
    /// Writer of frequent entries.
    pub log: Log,
    /// Checks started from the console.
    pub checks: Checks,
    db: Db,
    told: Arc<Mutex<Option<DateTime<Utc>>>>,
}

impl Audit {
    /// Starts the writer of [`Log`].
    pub(crate) fn start(db: Db) -> Self {
        let log = Log::start(db.clone());
        let checks = Checks::new(db.clone(), log.clone());
        Self { log, checks, db, told: Arc::default() }
    }

    /// Runs every minute: writes collected counts, and once an hour logs the head.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn step(&self) -> Result<Step, Error> {
        let wrote = self.log.step().await?;
        let now = self.db.clock.now();
        let told = *lock(&self.told);
        if told.is_some_and(|told| now - told < TELL) {
            return Ok(wrote);
        }
        let head = store::audit::head(self.db.read()).await?;
        tracing::info!("audit log head {head}");
        *lock(&self.told) = Some(now);
        Ok(Step::Worked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::audit::{Activity, By, Change};
    use sqlx::PgPool;
    use store::Clock;
    use testkit::noon;

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn the_head_is_told_once_an_hour(pool: PgPool) {
        let mut audit = Audit::start(Db::new(pool, Clock::fixed(noon())));
        assert_eq!(audit.step().await.unwrap(), Step::Worked);
        assert_eq!(audit.step().await.unwrap(), Step::Idle);
        audit.db.clock = Clock::fixed(noon() + TELL);
        assert_eq!(audit.step().await.unwrap(), Step::Worked);
    }

    /// A page has fifty entries, and one entry may have thousands of rules, twice.
    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn what_long_entries_changed_is_read_one_by_one(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        let sides = |rules: usize| -> serde_json::Value {
            let rules = (0..rules).map(|n| serde_json::json!({ "number": n * 7_919, "allow": n }));
            rules.collect::<Vec<_>>().into()
        };
        for (object, rules) in [("short", 3), ("long", 20_000), ("repeated", 0)] {
            let after = match object {
                // Small when stored compressed, large when decompressed.
                "repeated" => serde_json::json!("x".repeat(200_000)),
                _ => sides(rules),
            };
            let write = db.write(&By::command()).await.unwrap();
            let change = Change::new(Activity::SettingsChanged, object).after(after);
            write.commit(change).await.unwrap();
        }
        let filter = store::audit::Filter::default();
        let listed = store::audit::list(db.read(), &filter, None, 9).await.unwrap();
        let found: Vec<_> = listed
            .iter()
            .map(|row| (&*row.entry.object, row.cut, row.entry.after.is_some()))
            .collect();
        assert_eq!(
            found,
            [("repeated", true, false), ("long", true, false), ("short", false, true)]
        );
        let newer = store::audit::newer(db.read(), &filter, listed[2].entry.seq, 9).await.unwrap();
        assert_eq!(newer, listed[..2]);
        for row in &listed {
            let whole = store::audit::one(db.read(), row.entry.seq).await.unwrap().unwrap();
            assert!(!whole.cut && whole.entry.after.is_some());
            assert_eq!(whole.hash, row.hash);
        }
        assert_eq!(store::audit::one(db.read(), 99).await.unwrap(), None);
    }
}
