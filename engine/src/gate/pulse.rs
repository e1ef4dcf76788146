//! Whether the store answers at all. A commit that takes its time says nothing of that; so it is
//! asked beside, twenty times a second, on a spare connection of the gate's.

use sqlx::PgPool;
use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Between two questions.
const BEAT: Duration = Duration::from_millis(50);
/// How long an answer, or a connection, may take.
const ANSWER: Duration = Duration::from_millis(250);
/// How old the last answer may be: past that the store counts as absent.
const FRESH: u64 = 250;

/// When the store last answered.
#[derive(Debug)]
pub(super) struct Pulse {
    begun: Instant,
    /// ms since then.
    last: AtomicU64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0) }
    }

    /// Whether it answered just now.
    pub(super) fn answers(&self) -> bool {
        self.now().saturating_sub(self.last.load(Ordering::Relaxed)) <= FRESH
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Asks as long as there is a gate and its connections are not closed.
pub(super) async fn beat(pulse: Weak<Pulse>, pool: PgPool) {
    let closed = pool.close_event();
    let beats = async {
        while let Some(pulse) = pulse.upgrade() {
            // A connection comes once the store has answered on it.
            if timeout(ANSWER, pool.acquire()).await.is_ok_and(|asked| asked.is_ok()) {
                pulse.last.store(pulse.now(), Ordering::Relaxed);
            }
            drop(pulse);
            sleep(BEAT).await;
        }
    };
    tokio::select! {
        () = closed => {}
        () = beats => {}
    }
}
