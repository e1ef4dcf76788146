//! Verifying from the console: one check at a time on each server, with a state that pages can
//! show.

use super::verify::{ChainError, Progress, Verified, VerifyError, verify};
use super::{Log, log};
use crate::sync::lock;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use serde_json::json;
use std::sync::{Arc, Mutex};
use store::Db;

/// Result of the last check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The chain is whole.
    Whole(Verified),
    /// The chain is broken.
    Broken(ChainError),
    /// The chain could not be read; the server's log gives the cause under this reference.
    Failed {
        /// Reference to search for in the server's log.
        reference: String,
    },
}

/// State of the checks on this server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Check {
    /// No check since the server started.
    #[default]
    None,
    /// A check is running.
    Running(Progress),
    /// The last one has ended.
    Ended {
        /// Its result.
        outcome: Outcome,
        /// When it ended.
        time: DateTime<Utc>,
        /// Who started it.
        by: String,
    },
}

/// The checks of this server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Checks {
    db: Db,
    log: Log,
    state: Arc<Mutex<Check>>,
}

impl Checks {
    pub(super) fn new(db: Db, log: Log) -> Self {
        Self { db, log, state: Arc::default() }
    }

    /// The current state.
    pub fn state(&self) -> Check {
        lock(&self.state).clone()
    }

    /// Starts a check in the background, unless one is running. Returns whether it started.
    pub fn begin(&self, by: By) -> bool {
        {
            let mut state = lock(&self.state);
            if matches!(*state, Check::Running(_)) {
                return false;
            }
            *state = Check::Running(Progress::default());
        }
        let checks = self.clone();
        tokio::spawn(async move { checks.run(by).await });
        true
    }

    /// Verifies the chain, writes the outcome to the audit log and keeps it for the page.
    async fn run(&self, by: By) {
        // Whatever happens, the next check must be able to start.
        let mut end = End { checks: self, by: by.actor.to_string(), outcome: None };
        let walked =
            verify(&self.db, None, |progress| *lock(&self.state) = Check::Running(progress));
        let outcome = match walked.await {
            Ok(verified) => Outcome::Whole(verified),
            Err(VerifyError::Broken(broken)) => {
                tracing::error!(entry = broken.seq, %broken, "the audit log is broken");
                Outcome::Broken(broken)
            }
            Err(VerifyError::Store(error)) => failed(&error),
        };
        let after = match &outcome {
            Outcome::Whole(verified) => json!({ "head": verified.head.to_string() }),
            Outcome::Broken(broken) => json!({ "entry": broken.seq, "what": broken.what }),
            Outcome::Failed { reference } => json!({ "failed": reference }),
        };
        let change = Change::new(Activity::Verified, "audit log").after(after);
        let noted: Result<(), log::NoteError> = self.log.note(by, change).await;
        if let Err(error) = noted {
            tracing::error!(error = store::with_sources(&error), "a check is not in the audit log");
        }
        end.outcome = Some(outcome);
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Outcome {
    let reference = domain::keys::hex(&store::random::bytes::<4>());
    tracing::error!(%reference, error = store::with_sources(error), "the audit log could not be verified");
    Outcome::Failed { reference }
}

/// Ends the check when dropped, also after a panic.
struct End<'a> {
    checks: &'a Checks,
    by: String,
    outcome: Option<Outcome>,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        let panicked = || failed(&std::io::Error::other("the check panicked"));
        let outcome = self.outcome.take().unwrap_or_else(panicked);
        let time = self.checks.db.clock.now();
        *lock(&self.checks.state) =
            Check::Ended { outcome, time, by: std::mem::take(&mut self.by) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;
    use store::Clock;

    fn checks(pool: PgPool) -> Checks {
        let db = Db::new(pool, Clock::system());
        Checks::new(db.clone(), Log::start(db))
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_check_is_on_the_record_it_checked(pool: PgPool) {
        let checks = checks(pool);
        assert_eq!(checks.state(), Check::None);
        checks.run(By::command()).await;
        let Check::Ended { outcome: Outcome::Whole(verified), by, .. } = checks.state() else {
            panic!("{:?}", checks.state())
        };
        assert_eq!((verified.count, by.as_str()), (0, "command line"));
        let rows =
            store::audit::list(checks.db.read(), &Default::default(), None, 9).await.unwrap();
        assert_eq!((rows.len(), rows[0].entry.activity.as_str()), (1, "Audit log verified"));
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn one_at_a_time_and_a_failure_ends_it(pool: PgPool) {
        let checks = checks(pool);
        *lock(&checks.state) = Check::Running(Progress::default());
        assert!(!checks.begin(By::command()));
        checks.db.close().await;
        checks.run(By::command()).await;
        let state = checks.state();
        assert!(
            matches!(&state, Check::Ended { outcome: Outcome::Failed { reference }, .. }
                if reference.len() == 8),
            "{state:?}"
        );
    }
}
