//! Reports in: many callers' in one transaction, and an answer to each when theirs is durable.

use super::commit;
use crate::counters;
use crate::group::{Commit, Queue, QueueError};
use crate::ingest::Pen;
use domain::audit::By;
use domain::fraud_alerts::NewReport;
use domain::{EventKey, Fault};
use std::sync::Arc;
use store::Db;
use store::fraud_reports::Answered;
use tokio::sync::Notify;
use uuid::Uuid;

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

/// A report that waits for its answer.
pub(super) struct Job {
    pub(super) from: From,
    pub(super) report: NewReport,
}

/// The door for reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reports {
    pub(super) queue: Queue<Writer>,
}

impl Reports {
    /// Starts a writer. `wrote` is told after each commit.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn start(db: Db, wrote: Arc<Notify>) -> Result<Self, store::Error> {
        let pen = Pen::new(&db).await?;
        Ok(Self { queue: Queue::start(Writer { db, pen, wrote }) })
    }

    /// Hands a report in; answers when it is durable. The settings are read after this was
    /// called.
    ///
    /// # Errors
    /// See [`QueueError`].
    pub async fn submit(&self, from: From, report: NewReport) -> Result<Answer, QueueError> {
        let room = self.queue.try_enter(1)?;
        self.queue.submit(room, Job { from, report }).await
    }
}

/// Writes reports.
pub(super) struct Writer {
    db: Db,
    pen: Pen,
    wrote: Arc<Notify>,
}

impl Commit for Writer {
    type Job = Job;
    type Answer = Answer;

    const ROOM: usize = 10_000;
    const MOST: usize = 500;

    async fn try_commit(&mut self, batch: &[Job]) -> store::Result<Vec<Answer>> {
        let answers = commit::commit(&self.db, &mut self.pen, batch).await?;
        self.wrote.notify_waiters();
        Ok(answers)
    }

    fn forget_months(&mut self) {
        self.pen.forget_months();
    }

    fn count(answer: &Result<Answer, QueueError>) {
        let word = match answer {
            Ok(Answer::New(answered)) => answered.action.as_str(),
            Ok(Answer::Known(_)) => "known",
            Ok(Answer::Refused(refusal)) => refusal.fault().as_str(),
            Err(_) => "failed",
        };
        counters::FRAUD_REPORTS.add_to("answer", word, 1);
    }
}

/// The id of a report's event within its source.
pub(super) fn event_id(report: Uuid) -> String {
    format!("report:{report}")
}

/// The key of that event, which is the attempt of a report that joins no other.
pub(super) fn event_key(from: &From, report: Uuid) -> Uuid {
    EventKey::new(&from.source, &event_id(report)).0
}
