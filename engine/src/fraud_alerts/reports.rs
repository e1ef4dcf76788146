//! Accepting fraud reports: those of many callers in one transaction, with an answer to each once
//! its report is durable.

use super::commit;
use super::report::{PendingReport, ReportResult, ReportSender};
use crate::counters;
use crate::group::{Commit, Queue, QueueError};
use crate::ingest::EventWriter;
use domain::fraud_alerts::NewReport;
use std::sync::Arc;
use store::Db;
use tokio::sync::Notify;

/// Accepts fraud reports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reports {
    pub(super) queue: Queue<ReportWriter>,
}

impl Reports {
    /// Starts a writer. `wrote` is notified after each commit.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn start(db: Db, wrote: Arc<Notify>) -> Result<Self, store::Error> {
        let pen = EventWriter::new(&db).await?;
        Ok(Self { queue: Queue::start(ReportWriter { db, pen, wrote }) })
    }

    /// Queues a report and returns its answer once it is durable. The settings are read after this
    /// call.
    ///
    /// # Errors
    /// [`QueueError`] if the queue is full, the store fails, or the server stops.
    pub async fn submit(
        &self,
        from: ReportSender,
        report: NewReport,
    ) -> Result<ReportResult, QueueError> {
        let room = self.queue.try_enter(1)?;
        self.queue.submit(room, PendingReport { from, report }).await
    }
}

pub(super) struct ReportWriter {
    db: Db,
    pen: EventWriter,
    wrote: Arc<Notify>,
}

impl Commit for ReportWriter {
    type Job = PendingReport;
    type Answer = ReportResult;

    const ROOM: usize = 10_000;
    const MOST: usize = 500;

    async fn try_commit(&mut self, batch: &[PendingReport]) -> store::Result<Vec<ReportResult>> {
        let answers = commit::commit(&self.db, &mut self.pen, batch).await?;
        self.wrote.notify_waiters();
        Ok(answers)
    }

    fn forget_months(&mut self) {
        self.pen.forget_months();
    }

    fn count(answer: &Result<ReportResult, QueueError>) {
        let word = match answer {
            Ok(ReportResult::New(answered)) => answered.action.as_str(),
            Ok(ReportResult::Known(_)) => "known",
            Ok(ReportResult::Refused(refusal)) => refusal.fault().as_str(),
            Err(_) => "failed",
        };
        counters::FRAUD_REPORTS.add_to("answer", word, 1);
    }
}
