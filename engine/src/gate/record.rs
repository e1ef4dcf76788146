//! A decision with what it was about, as it goes to the store.

use chrono::{DateTime, Utc};
use domain::captcha::Solved;
use domain::gate::{Captcha, Code, Decision, DecisionId, Request};
use domain::rules::Mode;
use std::net::IpAddr;
use std::sync::Arc;
use uuid::Uuid;

/// Why a captcha does not count while the store cannot say that nobody used it before.
const UNCONFIRMED: &str =
    "the store cannot be reached to check that it is used once; it stays good";

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The name of the API key.
    pub key: String,
    /// The address it was used from.
    pub from: IpAddr,
}

/// A decision and what it was about.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: DecisionId,
    pub(super) event: Uuid,
    pub(super) time: DateTime<Utc>,
    pub(super) caller: Caller,
    pub(super) request: Arc<Request>,
    /// The captcha that it brought, if that is solved.
    pub(super) solved: Option<Solved>,
    pub(super) decision: Decision,
    /// Nothing is known of its attempt yet.
    pub(super) new: bool,
}

impl Record {
    /// Whether writing it asks for nothing but new rows.
    pub(super) fn is_plain(&self) -> bool {
        self.new && !self.claims() && !by_cap(&self.decision)
    }

    /// Whether it rests on something that is used once.
    pub(super) fn claims(&self) -> bool {
        self.decision.bypass.is_some() || self.decision.captcha
    }

    /// It has to do without what is used once.
    pub(super) fn renounce(&mut self) {
        let request = Arc::make_mut(&mut self.request);
        request.may_bypass = false;
        if request.captcha == Captcha::Solved {
            request.captcha = Captcha::Wrong(UNCONFIRMED.to_owned());
        }
    }
}

/// Whether a reason decided, and was a spend cap.
pub(super) fn by_cap(decision: &Decision) -> bool {
    let cause = decision.reasons.iter().find(|why| why.mode == Mode::Enforce);
    cause.is_some_and(|why| why.code == Code::SpendCap)
}
