//! Records on their way to the store, and those that wait for it to return.

use super::record::Record;
use super::turn::Turn;
use domain::gate::Decision;
use domain::rules::OnStoreFailure;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Decisions made without the store that are kept until it returns.
const KEPT: usize = 100_000;

/// A record that is to be written.
pub(super) struct Job {
    pub(super) record: Record,
    /// Its caller may be unable to wait.
    pub(super) turn: Arc<Turn>,
    pub(super) setting: OnStoreFailure,
    /// Who waits for it; nobody where it was answered already.
    pub(super) answer: Option<oneshot::Sender<Decision>>,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

impl Job {
    /// Of a decision that was answered without the store.
    pub(super) fn settled(record: Record, setting: OnStoreFailure) -> Self {
        Self { record, turn: Arc::default(), setting, answer: None, room: None }
    }

    /// Whether its answer is out: what is written is what was answered, whatever came since.
    pub(super) fn is_settled(&self) -> bool {
        self.answer.is_none()
    }

    /// Answers what was written.
    pub(super) fn written(mut self) {
        if let Some(answer) = self.answer.take() {
            let _ = answer.send(self.record.decision);
        }
    }
}

/// What waits for the store to return, the oldest first.
#[derive(Default)]
pub(super) struct Kept(Mutex<VecDeque<Job>>);

impl Kept {
    /// Keeps some, in the order they are in. With too many, the oldest are lost: these it gives.
    pub(super) fn put(&self, batch: Vec<Job>) -> Vec<Job> {
        let mut jobs = self.jobs();
        let oldest = jobs.front().map(|job| job.record.time);
        let older = batch.first().map(|job| job.record.time) < oldest;
        for job in &batch {
            debug_assert!(job.is_settled(), "nobody waits that long");
        }
        if older {
            batch.into_iter().rev().for_each(|job| jobs.push_front(job));
        } else {
            jobs.extend(batch);
        }
        let lost = jobs.len().saturating_sub(KEPT);
        jobs.drain(..lost).collect()
    }

    /// Takes the oldest out.
    pub(super) fn take(&self, most: usize) -> Vec<Job> {
        let mut jobs = self.jobs();
        let count = jobs.len().min(most);
        jobs.drain(..count).collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.jobs().len()
    }

    fn jobs(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
