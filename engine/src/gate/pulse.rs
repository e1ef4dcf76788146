//! Whether the store answers at all. A slow commit does not show that, so the gate pings the store
//! twenty times a second on a spare connection.

use sqlx::PgPool;
use std::sync::Weak;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Time between two pings.
const BEAT: Duration = Duration::from_millis(50);
/// How long a ping, or opening a connection, may take.
const ANSWER: Duration = Duration::from_millis(250);
/// Age of the last answer, in milliseconds, from which the store counts as away.
const FRESH: u64 = 250;

/// When the store last answered.
#[derive(Debug)]
pub(super) struct Pulse {
    begun: Instant,
    /// The time in milliseconds.
    last: AtomicU64,
}

impl Pulse {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), last: AtomicU64::new(0) }
    }

    /// Whether the store answered recently.
    pub(super) fn answers(&self) -> bool {
        self.now().saturating_sub(self.last.load(Ordering::Relaxed)) <= FRESH
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Pings while the gate exists and its connections are open.
pub(super) async fn beat(pulse: Weak<Pulse>, pool: PgPool) {
    let closed = pool.close_event();
    let beats = async {
        while let Some(pulse) = pulse.upgrade() {
            // A connection is acquired only after the store has answered on it.
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
