//! Reports in: a bounded queue, one writer that drains it into one transaction, and an answer to
//! each caller when their report is durable (group commit, as for events).

use super::commit::{self, CommitError};
use crate::counters;
use crate::ingest::Pen;
use domain::audit::By;
use domain::fraud_alerts::NewReport;
use domain::{EventKey, Fault};
use std::sync::Arc;
use store::Db;
use store::fraud_reports::Answered;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use uuid::Uuid;

/// Reports that may wait in the queue; a caller past that is told to come back.
const QUEUE: usize = 10_000;
/// Reports that one transaction takes at most.
const COMMIT: usize = 500;
/// How often a transaction is tried that another's got in the way of.
const TRIES: usize = 5;

/// By which key a report comes.
#[derive(Debug, Clone)]
pub struct From {
    /// The key's id: the caller's names for reports are unique to it.
    pub key: String,
    /// The key's name: the source of the report's event.
    pub source: domain::Source,
    /// Who and from where, for the record.
    pub by: By,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was taken.
    New(Answered),
    /// It is there already: the first answer.
    Known(Answered),
    /// It was refused, and that is on the record.
    Refused(Refusal),
}

/// Why a report was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No reports are taken.
    Off,
    /// The code is not the one of the settings.
    WrongCode,
}

impl Refusal {
    /// What is wrong, for programs.
    pub fn fault(self) -> Fault {
        match self {
            Self::Off => Fault::FraudAlertsOff,
            Self::WrongCode => Fault::WrongCode,
        }
    }
}

/// Why a report has no answer. Nothing of it is in the store, or all of it is and the answer was
/// lost; sent again, it gets the first answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReportError {
    /// Too many reports wait already.
    #[error("too many reports wait to be written; try again in a second")]
    Full,
    /// The store refused or went away.
    #[error("{0}")]
    Store(Arc<store::Error>),
    /// The writer has ended.
    #[error("the server is stopping")]
    Stopping,
}

/// A report that waits for its answer.
pub(super) struct Job {
    pub(super) from: From,
    pub(super) report: NewReport,
    answer: oneshot::Sender<Result<Answer, ReportError>>,
    _room: OwnedSemaphorePermit,
}

/// The door for reports. Cheap to clone.
#[derive(Clone)]
pub struct Reports {
    queue: mpsc::UnboundedSender<Job>,
    pub(super) room: Arc<Semaphore>,
}

impl std::fmt::Debug for Reports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reports").field("room", &self.room.available_permits()).finish()
    }
}

impl Reports {
    /// Starts a writer. `wrote` is told after each commit.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn start(db: Db, wrote: Arc<Notify>) -> Result<Self, store::Error> {
        let pen = Pen::new(&db).await?;
        let (queue, jobs) = mpsc::unbounded_channel();
        tokio::spawn(Writer { db, pen, wrote }.run(jobs));
        Ok(Self { queue, room: Arc::new(Semaphore::new(QUEUE)) })
    }

    /// Hands a report in; answers when it is durable. The settings are read after this was
    /// called.
    ///
    /// # Errors
    /// See [`ReportError`].
    pub async fn submit(&self, from: From, report: NewReport) -> Result<Answer, ReportError> {
        let room = Arc::clone(&self.room);
        let permit = room.try_acquire_owned().map_err(|_| ReportError::Full)?;
        let (answer, answered) = oneshot::channel();
        self.queue
            .send(Job { from, report, answer, _room: permit })
            .map_err(|_| ReportError::Stopping)?;
        answered.await.unwrap_or(Err(ReportError::Stopping))
    }
}

struct Writer {
    db: Db,
    pen: Pen,
    wrote: Arc<Notify>,
}

impl Writer {
    async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        while let Some(first) = jobs.recv().await {
            let mut batch = vec![first];
            while batch.len() < COMMIT
                && let Ok(job) = jobs.try_recv()
            {
                batch.push(job);
            }
            match self.commit(&batch).await {
                Ok(answers) => {
                    for (job, answer) in batch.into_iter().zip(answers) {
                        tell(job, Ok(answer));
                    }
                }
                // One caller's report must not fail another's: each tries alone. Not when the
                // database is away: so many would wait for it one after the other.
                Err(error) if batch.len() > 1 && !is_away(&error) => {
                    for job in batch {
                        let alone = [job];
                        let answer = self.commit(&alone).await;
                        let [job] = alone;
                        tell(job, answer.map(|answers| answers[0]));
                    }
                }
                Err(error) => {
                    let error = Arc::new(error);
                    for job in batch {
                        tell_error(job, &error);
                    }
                }
            }
            self.wrote.notify_waiters();
        }
    }

    async fn commit(&mut self, batch: &[Job]) -> store::Result<Vec<Answer>> {
        let mut tries = 1;
        loop {
            match commit::commit(&self.db, &mut self.pen, batch).await {
                Ok(answers) => return Ok(answers),
                Err(CommitError::Raced) if tries < TRIES => {}
                Err(CommitError::Raced) => return Err(commit::overtaken()),
                Err(CommitError::Store(error)) if error.is_transient() && tries < TRIES => {}
                // Another process' retention dropped a month that this one knew of.
                Err(CommitError::Store(error)) if error.is_missing_partition() && tries < TRIES => {
                    self.pen.forget_months();
                }
                Err(CommitError::Store(error)) => return Err(error),
            }
            tries += 1;
        }
    }
}

/// Whether nobody answered, so that the next try would fare no better.
fn is_away(error: &store::Error) -> bool {
    matches!(error, store::Error::Sql(cause) if cause.as_database_error().is_none())
}

fn tell(job: Job, answer: store::Result<Answer>) {
    let word = match &answer {
        Ok(Answer::New(answered)) => answered.action.as_str(),
        Ok(Answer::Known(_)) => "known",
        Ok(Answer::Refused(refusal)) => refusal.fault().as_str(),
        Err(_) => "failed",
    };
    counters::FRAUD_REPORTS.add_to("answer", word, 1);
    // A caller that went away does not mind.
    let _ = job.answer.send(answer.map_err(|error| ReportError::Store(Arc::new(error))));
}

fn tell_error(job: Job, error: &Arc<store::Error>) {
    counters::FRAUD_REPORTS.add_to("answer", "failed", 1);
    let _ = job.answer.send(Err(ReportError::Store(Arc::clone(error))));
}

/// The id of a report's event within its source.
pub(super) fn event_id(report: Uuid) -> String {
    format!("report:{report}")
}

/// The key of that event, which is the attempt of a report that joins no other.
pub(super) fn event_key(from: &From, report: Uuid) -> Uuid {
    EventKey::new(&from.source, &event_id(report)).0
}
