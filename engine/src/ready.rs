//! Whether this server can serve, as checked by a worker once a second: however many clients ask,
//! the store gets no more queries.

mod seen;

pub(crate) use seen::Readiness;

use crate::Engine;
use crate::sync::within;
use seen::LastCheck;
use std::time::Duration;
use tokio::time::Instant;

/// How long the store may take to answer.
const ANSWER: Duration = Duration::from_secs(1);

impl Engine {
    /// Whether, at the last check a second or two ago, the store answered, its data had been read,
    /// and it still used this server's secret. Sends no query.
    pub fn is_ready(&self) -> bool {
        self.readiness.is_ready(Instant::now())
    }

    /// Checks once.
    pub async fn look_whether_ready(&self) {
        let looks = async {
            self.columns.follow().await?;
            self.gate.follow().await?;
            crate::secret::holds(&self.db).await
        };
        match within(ANSWER, looks).await {
            Ok(()) => {
                if self.readiness.keep(LastCheck::Well(Instant::now())) {
                    tracing::info!("ready again");
                }
            }
            Err(error) => {
                if self.readiness.keep(LastCheck::Ill) {
                    tracing::warn!(error = store::with_sources(&error), "not ready");
                }
            }
        }
    }
}
