//! A decision with its request, as written to the store.

use chrono::{DateTime, Utc};
use domain::captcha::Solved;
use domain::gate::{CaptchaResult, Code, Decision, DecisionId, Request};
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// Reason why a captcha does not count while the store cannot confirm that it is unused.
const UNCONFIRMED: &str =
    "the store cannot be reached to check that it is used once; it stays good";

/// The client that requests a decision.
#[derive(Debug, Clone)]
pub struct DecisionCaller {
    /// Name of its API key.
    pub key: String,
    /// IP address that it used the key from.
    pub from: IpAddr,
}

#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: DecisionId,
    pub(super) event: Uuid,
    pub(super) time: DateTime<Utc>,
    pub(super) caller: DecisionCaller,
    pub(super) request: Arc<Request>,
    /// The request's captcha, if it is solved.
    pub(super) solved: Option<Solved>,
    pub(super) decision: Decision,
    /// Whether its attempt has no earlier events.
    pub(super) new: bool,
}

impl Record {
    /// Whether writing it only inserts rows.
    pub(super) fn is_plain(&self) -> bool {
        self.new && !self.claims() && !by_cap(&self.decision)
    }

    /// Whether it needs a bypass or a captcha.
    pub(super) fn claims(&self) -> bool {
        self.decision.bypass.is_some() || self.decision.captcha
    }

    /// Removes the captcha and the bypass from the request.
    pub(super) fn renounce(&mut self) {
        let request = Arc::make_mut(&mut self.request);
        request.may_bypass = false;
        if request.captcha == CaptchaResult::Solved {
            request.captcha = CaptchaResult::Wrong(UNCONFIRMED.to_owned());
        }
    }
}

/// Whether a spend cap made the decision.
pub(super) fn by_cap(decision: &Decision) -> bool {
    decision.cause().is_some_and(|why| why.code == Code::SpendCap)
}
