//! Records on their way to the store, and those that wait for it to return.

use super::Shared;
use super::batch::Record;
use super::turn::{Phase, Turn};
use crate::counters;
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

    /// Takes over what its caller was answered, if that could not wait; `false` where nothing is to
    /// be written of it.
    pub(super) fn catch_up(&mut self, shared: &Shared) -> bool {
        let turn = Arc::clone(&self.turn);
        self.adopt(&mut turn.lock(), shared)
    }

    fn adopt(&mut self, phase: &mut Phase, shared: &Shared) -> bool {
        match std::mem::take(phase) {
            Phase::Answered(record) => self.record = *record,
            Phase::Unsure(record) => {
                shared.state().replace(&self.record, &record);
                self.record = *record;
            }
            Phase::Shed => return false,
            Phase::ShedUnsure => {
                shared.state().forsake(&self.record);
                return false;
            }
            other => {
                *phase = other;
                return true;
            }
        }
        *phase = Phase::Done;
        self.answer = None;
        true
    }

    /// Answers without the store, unless it is answered; `false` where nothing is to be written.
    pub(super) fn settle(&mut self, shared: &Shared) -> bool {
        let turn = Arc::clone(&self.turn);
        let mut phase = turn.lock();
        let written = self.adopt(&mut phase, shared);
        if let Some(answer) = self.answer.take().filter(|_| written) {
            let decided = shared.without_store(&mut self.record, self.setting);
            // A caller that went away does not mind.
            let _ = answer.send(decided);
            *phase = Phase::Done;
        }
        written
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
    fn put(&self, batch: Vec<Job>) -> Vec<Job> {
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

impl Shared {
    /// Keeps what was answered until the store returns.
    pub(super) fn keep(&self, batch: Vec<Job>) {
        let lost = self.kept.put(batch);
        if !lost.is_empty() {
            counters::DECISIONS_LOST.add(lost.len() as u64);
            let mut state = self.state();
            for job in lost {
                state.flying.remove(&job.record.event);
            }
        }
    }

    /// What a decision is without the store; the record says so from now on. It rests on nothing
    /// that is used once: that is given back, as is the reservation of what does not go out.
    pub(super) fn without_store(&self, record: &mut Record, setting: OnStoreFailure) -> Decision {
        counters::DECISIONS_STORE_DOWN.add(1);
        let mut state = self.state();
        state.without_claims(record, self.db.clock.now());
        let decided = record.decision.clone().without_store(setting);
        if !decided.verdict.lets_out() {
            state.take_back(record);
        }
        drop(state);
        record.decision = decided.clone();
        decided
    }

    /// The same, while nobody knows whether it is written: nothing is given back.
    pub(super) fn foresee_without_store(
        &self,
        record: &mut Record,
        setting: OnStoreFailure,
    ) -> Decision {
        counters::DECISIONS_STORE_DOWN.add(1);
        self.state().foresee_without_claims(record, self.db.clock.now());
        record.decision = record.decision.clone().without_store(setting);
        record.decision.clone()
    }
}
