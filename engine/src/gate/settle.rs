//! Answers without the store, and keeps the records until it is back.

use super::backlog::PendingRecord;
use super::record::Record;
use super::shared::Shared;
use super::turn::Phase;
use crate::counters;
use domain::gate::Decision;
use domain::rules::OnStoreFailure;
use std::sync::Arc;

impl PendingRecord {
    /// Replaces the decision by what the caller was answered, if the caller could not wait; `false`
    /// if there is nothing to write.
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
                shared.state().discard(&self.record);
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

    /// Answers without the store, unless the caller was answered; `false` if there is nothing to
    /// write.
    pub(super) fn settle(&mut self, shared: &Shared) -> bool {
        let turn = Arc::clone(&self.turn);
        let mut phase = turn.lock();
        let written = self.adopt(&mut phase, shared);
        if let Some(answer) = self.answer.take().filter(|_| written) {
            let decided = shared.without_store(&mut self.record, self.setting);
            // The caller may have gone; that does not matter.
            let _ = answer.send(decided);
            *phase = Phase::Done;
        }
        written
    }
}

impl Shared {
    /// Keeps answered records until the store is back.
    pub(super) fn keep(&self, batch: Vec<PendingRecord>) {
        let lost = self.kept.put(batch);
        if !lost.is_empty() {
            counters::DECISIONS_LOST.add(lost.len() as u64);
            let mut state = self.state();
            for job in lost {
                state.flying.remove(&job.record.event);
            }
        }
    }

    /// Makes the decision for a store failure and puts it in the record. It uses no bypass or
    /// captcha: these are given back, and so is the reservation if nothing is sent.
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

    /// Like [`Self::without_store`], while it is unknown whether the record was written: gives
    /// nothing back.
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
