//! The workers of a server: each repeats a step with pauses, forever.

use crate::Error;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// Result of a worker's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It did something; there may be more to do.
    Worked,
    /// There is nothing to do at the moment.
    Idle,
}

impl Progress {
    pub(crate) fn of(worked: bool) -> Self {
        if worked { Self::Worked } else { Self::Idle }
    }
}

/// A step that reports nothing is repeated after its pause.
impl From<()> for Progress {
    fn from((): ()) -> Self {
        Self::Idle
    }
}

/// How a worker repeats its steps.
pub(crate) struct Worker<'a> {
    pause: Duration,
    rest: Duration,
    wake: Option<&'a Notify>,
    trouble: &'static str,
}

/// A worker that checks at this interval whether there is something to do. `trouble` is logged when
/// a step fails.
pub(crate) fn every(pause: Duration, trouble: &'static str) -> Worker<'static> {
    Worker { pause, rest: pause, wake: None, trouble }
}

impl<'a> Worker<'a> {
    /// Ends a pause as soon as `wake` is notified.
    pub(crate) fn woken(self, wake: &'a Notify) -> Self {
        Self { wake: Some(wake), ..self }
    }

    /// Sets the pause after a failed step.
    pub(crate) fn resting(self, rest: Duration) -> Self {
        Self { rest, ..self }
    }

    /// Repeats the step. A failure that repeats is logged once an hour; if its words change, at most
    /// once a minute.
    pub(crate) async fn go<F, T, E>(self, mut step: impl FnMut() -> F)
    where
        F: Future<Output = Result<T, E>>,
        T: Into<Progress>,
        E: Into<Error>,
    {
        let mut said = None;
        loop {
            let done: Result<Progress, Error> = step().await.map(Into::into).map_err(Into::into);
            match done {
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
                    let words = store::with_sources(&error);
                    let is_news = said.as_ref().is_none_or(|(last, time): &(String, Instant)| {
                        time.elapsed() >= if *last == words { HOUR } else { MINUTE }
                    });
                    if is_news {
                        tracing::warn!(error = words.as_str(), "{}", self.trouble);
                        said = Some((words, Instant::now()));
                    }
                    tokio::time::sleep(self.rest).await;
                }
            }
        }
    }
}
