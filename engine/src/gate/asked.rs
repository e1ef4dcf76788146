//! When the last decision was requested, so that less urgent work can give way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long after a request other work gives way.
const LATELY: Duration = Duration::from_millis(250);

/// When the gate got its last request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Asked {
    begun: Instant,
    /// Milliseconds since `begun`, plus one; 0 before the first request.
    last: Arc<AtomicU64>,
}

impl Default for Asked {
    fn default() -> Self {
        Self { begun: Instant::now(), last: Arc::default() }
    }
}

impl Asked {
    /// Notes a request.
    pub(crate) fn note(&self) {
        self.last.fetch_max(self.now(), Ordering::Relaxed);
    }

    /// Whether a request came within the last quarter of a second.
    pub fn lately(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && u128::from(self.now().saturating_sub(last)) < LATELY.as_millis()
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
        let asked = Asked::default();
        assert!(!asked.lately(), "never asked");
        let others = asked.clone();
        asked.note();
        assert!(others.lately());
        let later = Asked { begun: asked.begun.checked_sub(LATELY).unwrap(), ..asked };
        assert!(!later.lately());
    }
}
