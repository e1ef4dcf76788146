//! Erasing from a page, and dropping erased data from memory.

use super::{Last, erase};
use crate::{Engine, Error};
use domain::audit::By;
use domain::erase::Whom;
use std::time::Duration;

/// How long a page waits for an erasure to end.
const PATIENCE: Duration = Duration::from_secs(8);

impl Engine {
    /// Reads the data in memory again if a person was erased since the last call. Returns whether
    /// it did.
    ///
    /// # Errors
    /// If the store fails; the next call tries again.
    pub async fn forget_erased(&self) -> Result<bool, Error> {
        let Some(newest) = self.erasures.unseen().await? else { return Ok(false) };
        self.gate.forget_gone().await?;
        self.read_again().await?;
        self.db.changed();
        if let Err(error) = self.imports.forget_rejected().await {
            tracing::warn!(error = store::with_sources(&error), "rejected lines of imports stay");
        }
        self.erasures.saw(newest);
        Ok(true)
    }

    /// Reads the events in memory again.
    pub(crate) async fn read_again(&self) -> Result<(), Error> {
        self.columns.read().await?;
        if self.conversion.held().await.is_some() {
            self.conversion.load().await?;
        }
        self.regions.read_again();
        self.lately.forget().await;
        self.replays.forget();
        Ok(())
    }

    /// Erases a person for a page: returns when it is done, or after some seconds while it
    /// continues; `None` if another erasure is running.
    pub async fn erase(&self, by: By, whom: Whom, dry_run: bool) -> Option<Last> {
        let running = self.erasures.begin()?;
        let engine = self.clone();
        let task = tokio::spawn(async move {
            let last = match erase(&engine.db, &by, &whom, dry_run, |_, _| ()).await {
                Ok(done) => Last::Ended { rows: done.rows, dry_run },
                Err(error) => {
                    tracing::error!(error = store::with_sources(&error), "a person was not erased");
                    Last::Failed
                }
            };
            if !dry_run && let Err(error) = engine.forget_erased().await {
                tracing::warn!(
                    error = store::with_sources(&error),
                    "whom a page erased is still in memory"
                );
            }
            running.end(last);
        });
        let _ = tokio::time::timeout(PATIENCE, task).await;
        self.erasures.last()
    }
}
