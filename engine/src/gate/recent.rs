//! Whether something happened recently: the last decision was requested, so that less urgent work
//! gives way, or the store answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How long it counts as recent.
const LATELY: Duration = Duration::from_millis(250);

/// When something last happened.
#[derive(Debug)]
pub(crate) struct Recent {
    begun: Instant,
    /// Milliseconds since `begun`, plus one; 0 before the first time.
    last: AtomicU64,
}

impl Default for Recent {
    fn default() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0) }
    }
}

impl Recent {
    pub(crate) fn note(&self) {
        self.last.fetch_max(self.now(), Ordering::Relaxed);
    }

    /// Whether it happened within the last quarter of a second.
    pub(crate) fn lately(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && u128::from(self.now().saturating_sub(last)) <= LATELY.as_millis()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn for_a_quarter_of_a_second() {
        let asked = Recent::default();
        assert!(!asked.lately(), "never asked");
        asked.note();
        assert!(asked.lately());
        let later = Recent {
            begun: asked.begun.checked_sub(LATELY + Duration::from_millis(1)).unwrap(),
            ..asked
        };
        assert!(!later.lately());
    }
}
