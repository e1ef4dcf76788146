//! Whether this server can serve, as a worker found once a second: however many ask, the store is
//! asked no more often.

mod seen;

pub(crate) use seen::Readiness;

use crate::{Engine, Error};
use seen::Seen;
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks.
const PACE: Duration = Duration::from_secs(1);
/// How long the store may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(1);

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
