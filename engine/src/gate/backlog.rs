//! Records that are queued for the store, and those that wait until it is back.

use super::record::Record;
use super::turn::AnswerTurn;
use crate::sync::lock;
use domain::gate::Decision;
use domain::rules::OnStoreFailure;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// Most decisions made without the store that are kept until it is back.
const KEPT: usize = 100_000;

pub(super) struct PendingRecord {
    pub(super) record: Record,
    /// Who may answer the caller, if it cannot wait.
    pub(super) turn: Arc<AnswerTurn>,
    pub(super) setting: OnStoreFailure,
    /// The waiting caller; `None` if it was already answered.
    pub(super) answer: Option<oneshot::Sender<Decision>>,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

impl PendingRecord {
    /// A record whose caller was answered without the store.
    pub(super) fn settled(record: Record, setting: OnStoreFailure) -> Self {
        Self { record, turn: Arc::default(), setting, answer: None, room: None }
    }

    /// Whether the caller was already answered. Then exactly that answer is written, whatever came
    /// since.
    pub(super) fn is_settled(&self) -> bool {
        self.answer.is_none()
    }

    /// Answers the caller with what was written.
    pub(super) fn written(mut self) {
        if let Some(answer) = self.answer.take() {
            let _ = answer.send(self.record.decision);
        }
    }
}

/// Records that wait until the store is back, oldest first.
#[derive(Default)]
pub(super) struct Backlog(Mutex<VecDeque<PendingRecord>>);

impl Backlog {
    /// Keeps records in their order. If there are too many, removes the oldest and returns them.
    pub(super) fn put(&self, batch: Vec<PendingRecord>) -> Vec<PendingRecord> {
        let mut jobs = lock(&self.0);
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

    /// Removes and returns the oldest.
    pub(super) fn take(&self, most: usize) -> Vec<PendingRecord> {
        let mut jobs = lock(&self.0);
        let count = jobs.len().min(most);
        jobs.drain(..count).collect()
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.0).len()
    }
}
