//! A server's workers: each takes a step, and after a pause the next, for ever.

use crate::Error;
use std::time::Duration;
use tokio::sync::Notify;

/// What a step of a worker did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Something; there may be more to do.
    Worked,
    /// Nothing: there is nothing to do now.
    Idle,
}

impl Progress {
    pub(crate) fn of(worked: bool) -> Self {
        if worked { Self::Worked } else { Self::Idle }
    }
}

/// How a worker goes about its steps.
pub(crate) struct Worker<'a> {
    pause: Duration,
    rest: Duration,
    wake: Option<&'a Notify>,
    trouble: &'static str,
}

/// A worker that looks this often whether there is something to do. `trouble` is what is said of a
/// step that fails.
pub(crate) fn every(pause: Duration, trouble: &'static str) -> Worker<'static> {
    Worker { pause, rest: pause, wake: None, trouble }
}

impl<'a> Worker<'a> {
    /// Ends a pause at once when somebody calls.
    pub(crate) fn woken(self, wake: &'a Notify) -> Self {
        Self { wake: Some(wake), ..self }
    }

    /// Pauses so long after a step that failed.
    pub(crate) fn resting(self, rest: Duration) -> Self {
        Self { rest, ..self }
    }

    /// Goes from step to step. What fails again as it did before is not said again.
    pub(crate) async fn go<F>(self, mut step: impl FnMut() -> F)
    where
        F: Future<Output = Result<Progress, Error>>,
    {
        let mut said = None;
        loop {
            match step().await {
                Ok(progress) => {
                    said = None;
                    match (progress, self.wake) {
                        (Progress::Worked, _) => {}
                        (Progress::Idle, None) => tokio::time::sleep(self.pause).await,
                        (Progress::Idle, Some(wake)) => {
                            let _ = tokio::time::timeout(self.pause, wake.notified()).await;
                        }
                    }
                }
                Err(error) => {
                    let words = store::whole(&error);
                    if said.as_ref() != Some(&words) {
                        tracing::warn!(error = words.as_str(), "{}", self.trouble);
                        said = Some(words);
                    }
                    tokio::time::sleep(self.rest).await;
                }
            }
        }
    }
}
