//! Whether this server can serve, as a worker found once a second: however many ask, the store is
//! asked no more often.

use crate::{Engine, Error};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks.
const PACE: Duration = Duration::from_secs(1);
/// How long the store may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(1);
/// How long a look stays good: past that whoever looks has stopped.
const GOOD: Duration = Duration::from_secs(5);

/// What was found last.
#[derive(Debug, Clone, Copy, Default)]
enum Seen {
    /// The start has read everything, and nobody has looked since.
    #[default]
    Start,
    /// All was well.
    Well(Instant),
    /// It was not.
    Ill,
}

/// The last look. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness(Arc<Mutex<Seen>>);

impl Readiness {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_ready(&self, now: Instant) -> bool {
        match *self.seen() {
            Seen::Start => true,
            Seen::Well(looked) => now.saturating_duration_since(looked) < GOOD,
            Seen::Ill => false,
        }
    }

    /// Keeps what was found; whether that is something new.
    fn keep(&self, found: Seen) -> bool {
        let mut seen = self.seen();
        let changed = matches!(*seen, Seen::Ill) != matches!(found, Seen::Ill);
        *seen = found;
        changed
    }
}

impl Engine {
    /// Whether the store answered, what it holds had been read, and it was still under this server's
    /// secret, when that was last looked at: a second ago or two. Asks nobody.
    pub fn is_ready(&self) -> bool {
        self.readiness.is_ready(Instant::now())
    }

    /// Looks, once.
    pub async fn look_whether_ready(&self) {
        let looks = async {
            self.columns.follow().await?;
            self.gate.follow().await?;
            crate::secret::holds(&self.db).await?;
            Ok::<(), Error>(())
        };
        let looked = tokio::time::timeout(ANSWER, looks).await;
        match looked.unwrap_or_else(|_| Err(store::Error::no_answer().into())) {
            Ok(()) => {
                if self.readiness.keep(Seen::Well(Instant::now())) {
                    tracing::info!("ready again");
                }
            }
            Err(error) => {
                if self.readiness.keep(Seen::Ill) {
                    tracing::warn!(error = store::whole(&error), "not ready");
                }
            }
        }
    }

    /// Looks once a second.
    pub(crate) async fn keep_looking_whether_ready(&self) {
        loop {
            self.look_whether_ready().await;
            tokio::time::sleep(PACE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_good_for_some_seconds() {
        let (readiness, now) = (Readiness::default(), Instant::now());
        assert!(readiness.is_ready(now), "the start has read everything");
        assert!(!readiness.keep(Seen::Well(now)));
        assert!(readiness.is_ready(now + PACE * 2));
        assert!(!readiness.is_ready(now + GOOD), "nobody looks any more");
        assert!(readiness.keep(Seen::Ill));
        assert!(!readiness.is_ready(now));
        assert!(!readiness.keep(Seen::Ill), "said once");
        assert!(readiness.keep(Seen::Well(now)));
    }
}
