//! What the last look found.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a look stays good: past that whoever looks has stopped.
const GOOD: Duration = Duration::from_secs(5);

/// What was found last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Seen {
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

    pub(super) fn is_ready(&self, now: Instant) -> bool {
        match *self.seen() {
            Seen::Start => true,
            Seen::Well(looked) => now.saturating_duration_since(looked) < GOOD,
            Seen::Ill => false,
        }
    }

    /// Keeps what was found; whether that is something new.
    pub(super) fn keep(&self, found: Seen) -> bool {
        let mut seen = self.seen();
        let changed = matches!(*seen, Seen::Ill) != matches!(found, Seen::Ill);
        *seen = found;
        changed
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
        assert!(readiness.is_ready(now + GOOD / 2));
        assert!(!readiness.is_ready(now + GOOD), "nobody looks any more");
        assert!(readiness.keep(Seen::Ill));
        assert!(!readiness.is_ready(now));
        assert!(!readiness.keep(Seen::Ill), "said once");
        assert!(readiness.keep(Seen::Well(now)));
    }
}
