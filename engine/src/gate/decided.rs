//! Decisions in the gate's memory: made, repeated and taken back, each with the bypass or captcha
//! that it holds.

use super::live::GateMemory;
use super::record::Record;
use chrono::{DateTime, Utc};
use domain::captcha::{CaptchaError, Solved};
use domain::gate::{CaptchaResult, Decision, Request, decide};
use std::sync::Arc;
use store::gate::BlockOrBypass;
use uuid::Uuid;

impl GateMemory {
    /// Decides, and holds the bypass or captcha that the decision needs: of concurrent requests
    /// only one gets it.
    pub(super) fn claim(
        &mut self,
        request: &mut Request,
        solved: Option<Solved>,
        now: DateTime<Utc>,
    ) -> Decision {
        let used = solved.is_some_and(|solved| self.held_captchas.contains_key(&solved.id));
        if used && request.captcha == CaptchaResult::Solved {
            request.captcha = CaptchaResult::Wrong(CaptchaError::Used.to_string());
        }
        let decision = decide(request, &self.rules, &self.ledger, now);
        if let Some(id) = decision.bypass
            && let Some(pass) = self.blocks_and_bypasses().end_pass(id)
        {
            self.held_bypasses.insert(id, pass);
        }
        if let Some(solved) = solved.filter(|_| decision.captcha) {
            self.held_captchas.insert(solved.id, solved.expires);
        }
        decision
    }

    /// Adds a bypass from the store, unless a decision currently holds it; or removes it.
    pub(super) fn bypass(&mut self, stand: BlockOrBypass) {
        let BlockOrBypass { active: pass, live } = stand;
        if !live || pass.until.is_none() {
            return self.end_bypass(pass.id);
        }
        match self.held_bypasses.get_mut(&pass.id) {
            Some(held) => *held = pass,
            None => self.blocks_and_bypasses().pass(pass),
        }
    }

    /// Removes a bypass that was used up (on any server) or has ended.
    pub(super) fn end_bypass(&mut self, id: Uuid) {
        self.held_bypasses.remove(&id);
        self.blocks_and_bypasses().end_pass(id);
    }

    /// Gives back what a decision held, because it was not used.
    fn give_back(&mut self, decision: &Decision, solved: Option<Solved>) {
        if let Some(id) = decision.bypass
            && let Some(pass) = self.held_bypasses.remove(&id)
        {
            self.blocks_and_bypasses().pass(pass);
        }
        if let Some(solved) = solved.filter(|_| decision.captcha) {
            self.held_captchas.remove(&solved.id);
        }
    }

    /// Decides a record again, at a new time.
    pub(super) fn again(&mut self, record: &mut Record, wall: DateTime<Utc>) {
        self.take_back(record);
        record.time = self.time.next(wall);
        let request = Arc::make_mut(&mut record.request);
        record.decision = self.claim(request, record.solved, record.time);
        self.reserve(&record.request, &record.decision, record.event, record.time);
    }

    /// Decides again without bypass or captcha, and gives these back, because the store did not
    /// confirm their use.
    pub(super) fn without_claims(&mut self, record: &mut Record, wall: DateTime<Utc>) {
        if record.claims() {
            let held = (record.decision.clone(), record.solved);
            record.renounce();
            self.again(record, wall);
            self.give_back(&held.0, held.1);
        }
    }

    /// Puts the decision without bypass or captcha in the record, and leaves the gate's memory as it
    /// is.
    pub(super) fn foresee_without_claims(&mut self, record: &mut Record, wall: DateTime<Utc>) {
        if record.claims() {
            let before = record.clone();
            record.renounce();
            self.take_back(&before);
            record.time = self.time.next(wall);
            record.decision = decide(&record.request, &self.rules, &self.ledger, record.time);
            self.reserve(&before.request, &before.decision, before.event, before.time);
        }
    }

    /// Replaces the first decision by the one that was answered.
    pub(super) fn replace(&mut self, decided: &Record, answered: &Record) {
        self.discard(decided);
        if answered.decision.verdict.counts() {
            let Record { request, decision, event, time, .. } = answered;
            self.reserve(request, decision, *event, *time);
        }
    }

    /// Drops a record: nothing is sent or written for it.
    pub(super) fn discard(&mut self, record: &Record) {
        self.take_back(record);
        self.give_back(&record.decision, record.solved);
    }

    /// Removes a record's reservation, because nothing is sent for it.
    pub(super) fn take_back(&mut self, record: &Record) {
        self.flying.remove(&record.event);
        if record.decision.verdict.counts() {
            self.ledger.take_back(record.request.attempt(), record.time.timestamp_micros());
        }
    }
}
