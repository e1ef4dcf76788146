//! Result of the last check.

use crate::sync::lock;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// How long a result is valid; an older one means that the checks have stopped.
const GOOD: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, Default)]
pub(super) enum LastCheck {
    /// Everything was read at the start, and there was no check since.
    #[default]
    Start,
    /// The server is ready, as of this time.
    Well(Instant),
    /// The server is not ready.
    Ill,
}

/// The last result, shared. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readiness(Arc<Mutex<LastCheck>>);

impl Readiness {
    pub(super) fn is_ready(&self, now: Instant) -> bool {
        match *lock(&self.0) {
            LastCheck::Start => true,
            LastCheck::Well(looked) => now.saturating_duration_since(looked) < GOOD,
            LastCheck::Ill => false,
        }
    }

    /// Stores a result; returns whether it differs from the last one.
    pub(super) fn keep(&self, found: LastCheck) -> bool {
        let mut seen = lock(&self.0);
        let changed = matches!(*seen, LastCheck::Ill) != matches!(found, LastCheck::Ill);
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
        assert!(!readiness.keep(LastCheck::Well(now)));
        assert!(readiness.is_ready(now + GOOD / 2));
        assert!(!readiness.is_ready(now + GOOD), "the checks have stopped");
        assert!(readiness.keep(LastCheck::Ill));
        assert!(!readiness.is_ready(now));
        assert!(!readiness.keep(LastCheck::Ill), "reported once");
        assert!(readiness.keep(LastCheck::Well(now)));
    }
}
