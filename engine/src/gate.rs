//! The live gate: a request is decided from memory under one lock, reserved in the ledger, queued,
//! and answered once its record is durable (contract, section 4).

mod backlog;
mod batch;
mod decided;
mod follow;
mod live;
mod pulse;
mod question;
mod recent;
mod record;
mod rows;
mod settle;
mod shared;
#[cfg(test)]
mod tests;
mod time;
mod turn;
mod wait;

use crate::agent::Agents;
use crate::counters;
use backlog::PendingRecord;
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::gate::{Decision, DecisionId, DecisionRequest, Rules, decide};
use domain::ledger::{Key, Spent, WINDOW_MAX};
use domain::numbers::NumberFacts;
use domain::rules::FilledText;
use shared::Shared;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::Db;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::time::Instant;

pub use live::GateHealth;
pub(crate) use recent::Recent;
pub use record::DecisionCaller;

/// How long a request waits for the latest changes and for its record. Together with the API key's
/// lookup before, the answer comes within the contract's 500 ms.
const WAIT: Duration = Duration::from_millis(250);
/// How many days a `verified` event waits for its `sent` event.
const EARLY_DAYS: i64 = 3;
/// Number of writers: while one waits for its commit, the other collects the next batch.
const WRITERS: usize = 2;
/// The source of the gate's events. No other sender may use it.
pub(crate) const SOURCE: &str = "gate";

/// Decides requests. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<PendingRecord>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("health", &self.health()).finish()
    }
}

/// A request with its answer.
#[derive(Debug, Clone)]
pub struct GateAnswer {
    /// The decision's id; `None` for a dry run, which records nothing.
    pub id: Option<DecisionId>,
    /// The journey from the request, or a new one.
    pub journey: String,
    /// What is known about the number.
    pub phone: NumberFacts,
    /// The verdict with its reasons.
    pub decision: Decision,
    /// The text for the user.
    pub user_message: FilledText,
    /// When the gate decided.
    pub time: DateTime<Utc>,
}

/// Why a request has no answer.
#[derive(Debug)]
pub enum NotDecided {
    /// The request is not valid.
    Invalid(Invalid),
    /// The store answers, but too slowly: nothing was decided; try again in a second.
    Busy,
}

impl From<Invalid> for NotDecided {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Gate {
    /// Loads the gate's memory from the store and starts its writers.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn start(db: Db, agents: Arc<Agents>) -> Result<Self, store::Error> {
        let corrupt = |_| store::Error::Corrupt { table: "event", what: SOURCE.to_owned() };
        let source = SOURCE.parse().map_err(corrupt)?;
        let seen = db.changes();
        let state = follow::load(&db).await?;
        let (shared, wanted) = Shared::new(db, source, agents, state, seen);
        let shared = Arc::new(shared);
        let pulse = Arc::downgrade(&shared.pulse);
        tokio::spawn(pulse::beat(pulse, shared.db.decisions().clone()));
        tokio::spawn(follow::refolding(Arc::downgrade(&shared), wanted));
        // Adds what was committed by transactions that were open during the load.
        shared.follow().await?;
        let (queue, jobs) = mpsc::unbounded_channel();
        let jobs = Arc::new(AsyncMutex::new(jobs));
        for _ in 0..WRITERS {
            let writer = batch::DecisionWriter::new(Arc::clone(&shared)).await?;
            tokio::spawn(writer.run(Arc::clone(&jobs)));
        }
        Ok(Self { shared, queue })
    }

    /// When the last request came, so that less urgent work can give way.
    pub(crate) fn asked(&self) -> Arc<Recent> {
        Arc::clone(&self.shared.asked)
    }

    /// Decides a request, records the decision and returns once the record is durable. If the store
    /// does not answer, the setting for store failures decides within half a second. If it answers
    /// slowly, the gate waits for up to two seconds.
    ///
    /// # Errors
    /// [`NotDecided::Invalid`] in field `phone` if it is not a number (`invalid_phone`);
    /// [`NotDecided::Busy`] if the store is too slow.
    pub async fn decide(
        &self,
        caller: DecisionCaller,
        ask: DecisionRequest,
        accept: &str,
    ) -> Result<GateAnswer, NotDecided> {
        let shared = &self.shared;
        shared.asked.note();
        let until = Instant::now() + WAIT;
        let made = ask.journey.is_none();
        let (request, solved) = shared.request(ask)?;
        shared.fresh().await;
        let clock = shared.db.clock;
        let (record, setting) = shared.take(caller, request, solved, made, || clock.now());
        let (id, time) = (record.id, record.time);
        let (phone, journey) = (record.request.phone, record.request.journey.clone());
        let Some(decision) = wait::record(shared, &self.queue, record, setting, until).await else {
            counters::DECISIONS_BUSY.add(1);
            return Err(NotDecided::Busy);
        };
        counters::DECISIONS.add_to("verdict", decision.verdict.as_str(), 1);
        Ok(self.answer(Some(id), journey, phone, decision, accept, time))
    }

    /// Decides as of a given time or now, and records nothing.
    ///
    /// # Errors
    /// [`NotDecided::Invalid`] in field `phone` if it is not a number (`invalid_phone`).
    pub async fn dry_run(&self, ask: DecisionRequest, accept: &str) -> Result<GateAnswer, Invalid> {
        let time = ask.now;
        let (request, _) = self.shared.request(ask)?;
        self.shared.fresh().await;
        let (decision, now) = {
            let mut state = self.shared.state();
            let now = time.unwrap_or_else(|| state.time.next(self.shared.db.clock.now()));
            (decide(&request, &state.rules, &state.ledger, now), now)
        };
        Ok(self.answer(None, request.journey, request.phone, decision, accept, now))
    }

    /// The rules that the gate applies now.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.shared.state().rules)
    }

    /// Number of sends in the last 24 hours, and their cost from events and the price table.
    pub fn spent(&self) -> (u64, Spent) {
        let now = self.shared.db.clock.now().timestamp_micros();
        let state = self.shared.state();
        let sends = state.ledger.count(&Key::All, now, WINDOW_MAX);
        (sends, state.ledger.spent(now, WINDOW_MAX))
    }

    /// Currencies, other than that of the spend caps, in which events of the last 24 hours had
    /// costs. No cap counts these.
    pub fn foreign_costs(&self) -> Vec<String> {
        let now = self.shared.db.clock.now().timestamp_micros();
        let state = self.shared.state();
        let recent = state.foreign.iter().filter(|(_, last)| **last > now - WINDOW_MAX);
        recent.map(|(currency, _)| currency.clone()).collect()
    }

    /// A warning if the caps count less than is spent; `None` without caps.
    pub fn uncounted(&self) -> Option<String> {
        let others = self.foreign_costs();
        let rules = self.rules();
        let spend = &rules.settings().spend;
        spend.currency.uncounted(&others).filter(|_| !spend.caps.is_empty())
    }

    /// The rules, including every change that this process has already made.
    pub async fn newest_rules(&self) -> Arc<Rules> {
        self.shared.fresh().await;
        self.rules()
    }

    /// State of the gate, for operators.
    pub fn health(&self) -> GateHealth {
        let shared = &self.shared;
        let away = shared.away.load(Ordering::Relaxed);
        let blind = shared.blind.load(Ordering::Relaxed);
        shared.state().health(away || blind, shared.kept.len())
    }

    /// Reads what was committed since the last call; [`crate::Engine::work`] calls this
    /// continuously.
    ///
    /// # Errors
    /// If the store fails; the next call continues at the same place.
    pub async fn follow(&self) -> Result<(), store::Error> {
        self.shared.follow().await
    }

    /// Drops blocks, bypasses and trust that were erased from the store.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn forget_gone(&self) -> Result<(), store::Error> {
        self.shared.forget_gone().await
    }

    /// Runs once a minute: drops ended blocks and bypasses, and expired trust.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn keep(&self) -> Result<(), store::Error> {
        let now = self.shared.db.clock.now();
        let days = i64::from(domain::rules::TRUST_DAYS_MAX);
        self.shared.state().upkeep(now, days);
        let health = self.health();
        // Only shown; no decision uses them.
        metrics::gauge!("tollwarden_ledger_entries").set(health.entries as f64);
        metrics::gauge!("tollwarden_ledger_bytes").set(health.memory as f64);
        store::gate::forget_early(self.shared.db.facts(), now, EARLY_DAYS).await?;
        while store::gate::forget_trust(self.shared.db.facts(), now, days).await? > 0 {}
        Ok(())
    }

    fn answer(
        &self,
        id: Option<DecisionId>,
        journey: String,
        phone: NumberFacts,
        decision: Decision,
        accept: &str,
        time: DateTime<Utc>,
    ) -> GateAnswer {
        let rules = self.rules();
        let texts = &rules.settings().user_message;
        let user_message = texts.for_user(decision.verdict, decision.retry_after, accept);
        GateAnswer { id, journey, phone, decision, user_message, time }
    }
}
