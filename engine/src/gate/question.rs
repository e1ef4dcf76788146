//! Handling a request: looks up its number, checks its captcha, then decides and counts under one
//! lock.

use super::record::{DecisionCaller, Record};
use super::shared::Shared;
use chrono::{DateTime, Utc};
use domain::captcha::Solved;
use domain::gate::{CaptchaResult, DecisionId, DecisionRequest, Request};
use domain::numbers::NumberFacts;
use domain::rules::OnStoreFailure;
use domain::{EventKey, Fault, Invalid};
use std::sync::Arc;

impl Shared {
    /// Looks up the number and checks the captcha.
    pub(super) fn request(
        &self,
        ask: DecisionRequest,
    ) -> Result<(Request, Option<Solved>), Invalid> {
        let facts = NumberFacts::parse(&ask.phone)
            .map_err(|error| Invalid::one("phone", Fault::InvalidPhone, error.to_string()))?;
        let journey = ask.journey.unwrap_or_else(|| store::random::uuid().simple().to_string());
        let mut request = Request::new(facts, ask.channel, journey).of_user(ask.user);
        request.ip = ask.ip;
        request.user_agent = ask.user_agent;
        request.device = ask.device;
        request.flow = ask.flow;
        let mut solved = None;
        if let Some(answer) = ask.captcha {
            match crate::captcha::check(&self.db, facts.phone, &answer.token) {
                Ok(found) => {
                    solved = Some(found);
                    request.captcha = CaptchaResult::Solved;
                }
                Err(error) => request.captcha = CaptchaResult::Wrong(error.to_string()),
            }
        }
        Ok((request, solved))
    }

    /// Decides and counts at one time: in whatever order requests get the lock, each counts all
    /// before it.
    pub(super) fn take(
        &self,
        caller: DecisionCaller,
        mut request: Request,
        solved: Option<Solved>,
        made: bool,
        clock: impl FnOnce() -> DateTime<Utc>,
    ) -> (Record, OnStoreFailure) {
        let random = store::random::bytes();
        let mut state = self.state();
        let time = state.time.next(clock());
        let id = DecisionId::new(time, random);
        let event = EventKey::new(&self.source, &id.to_string()).0;
        let new = made || !state.ledger.seen(request.attempt());
        let decision = state.claim(&mut request, solved, time);
        let request = Arc::new(request);
        state.reserve(&request, &decision, event, time);
        let setting = state.rules.settings().on_store_failure;
        drop(state);
        (Record { id, event, time, caller, request, solved, decision, new }, setting)
    }
}
