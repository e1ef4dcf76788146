//! Whether the store answers at all. A slow commit does not show that, so the gate pings the store
//! twenty times a second on a spare connection.

use super::recent::Recent;
use sqlx::PgPool;
use std::sync::Weak;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Time between two pings.
const BEAT: Duration = Duration::from_millis(50);
/// How long a ping, or opening a connection, may take.
const ANSWER: Duration = Duration::from_millis(250);
/// Pings while the gate exists and its connections are open.
pub(super) async fn beat(pulse: Weak<Recent>, pool: PgPool) {
    let closed = pool.close_event();
    let beats = async {
        while let Some(pulse) = pulse.upgrade() {
            // A connection is acquired only after the store has answered on it.
            if timeout(ANSWER, pool.acquire()).await.is_ok_and(|asked| asked.is_ok()) {
                pulse.note();
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
