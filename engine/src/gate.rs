//! The gate, live: a question is decided from memory under one lock, reserved in the ledger,
//! queued, and answered when its record is durable (contract, section 4).

mod asked;
mod backlog;
mod batch;
mod claims;
mod decided;
mod follow;
mod live;
mod pulse;
mod question;
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
use backlog::Job;
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::gate::{Ask, Decision, DecisionId, Rules, decide};
use domain::ledger::{Key, Spent, WINDOW_MAX};
use domain::numbers::NumberFacts;
use domain::rules::Filled;
use shared::Shared;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::Db;
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::time::Instant;

pub use asked::Asked;
pub use live::Health;
pub use record::Caller;

/// How long a question waits for a look and for its record: with the look at its key before, its
/// answer comes within the contract's 500 ms.
const WAIT: Duration = Duration::from_millis(250);
/// Days that a `verified` waits for the `sent` it belongs to.
const EARLY_DAYS: i64 = 3;
/// Writers: while one waits for its commit to be on disk, the other gathers.
const WRITERS: usize = 2;
/// The source of the gate's events. Nobody else may use it.
pub const SOURCE: &str = "gate";

/// The door for questions. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
    queue: mpsc::UnboundedSender<Job>,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("health", &self.health()).finish()
    }
}

/// A question answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The decision's id; none for a dry run, which records nothing.
    pub id: Option<DecisionId>,
    /// The journey, given or made.
    pub journey: String,
    /// The number, looked up.
    pub phone: NumberFacts,
    /// What was decided.
    pub decision: Decision,
    /// What the user reads.
    pub user_message: Filled,
    /// When it was decided.
    pub time: DateTime<Utc>,
}

/// Why a question has no answer.
#[derive(Debug)]
pub enum Refused {
    /// It cannot be read.
    Invalid(Invalid),
    /// The store answers, but is too slow: nothing was decided; come back in a second.
    Busy,
}

impl From<Invalid> for Refused {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl Gate {
    /// Reads what the gate keeps in memory and starts its writers.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn start(db: Db, agents: Arc<Agents>) -> Result<Self, store::Error> {
        let corrupt = |_| store::Error::Corrupt { table: "event", what: SOURCE.to_owned() };
        let source = SOURCE.parse().map_err(corrupt)?;
        let seen = db.changes();
        let state = follow::load(&db).await?;
        let (shared, wanted) = Shared::new(db, source, agents, state, seen);
        let shared = Arc::new(shared);
        let pulse = Arc::downgrade(&shared.pulse);
        tokio::spawn(pulse::beat(pulse, shared.db.decisions().clone()));
        tokio::spawn(follow::refolding(Arc::downgrade(&shared), wanted));
        // What was committed by transactions that began while others were open.
        shared.follow().await?;
        let (queue, jobs) = mpsc::unbounded_channel();
        let jobs = Arc::new(AsyncMutex::new(jobs));
        for _ in 0..WRITERS {
            let writer = batch::Writer::new(Arc::clone(&shared)).await?;
            tokio::spawn(writer.run(Arc::clone(&jobs)));
        }
        Ok(Self { shared, queue })
    }

    /// When it was asked last, for others to give way.
    pub fn asked(&self) -> Asked {
        self.shared.asked.clone()
    }

    /// Decides and records. Answers when the record is durable. Where the store does not answer,
    /// it says within half a second what the setting for that has; a store that answers and is
    /// slow is waited for, up to two seconds.
    ///
    /// # Errors
    /// In field `phone` for what is no number (`invalid_phone`); [`Refused::Busy`] when the store
    /// is too slow.
    pub async fn decide(
        &self,
        caller: Caller,
        ask: Ask,
        accept: &str,
    ) -> Result<Answered, Refused> {
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
            return Err(Refused::Busy);
        };
        counters::DECISIONS.add_to("verdict", decision.verdict.as_str(), 1);
        Ok(self.answer(Some(id), journey, phone, decision, accept, time))
    }

    /// Decides and records nothing: as of a time, or of now.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub async fn dry_run(&self, ask: Ask, accept: &str) -> Result<Answered, Invalid> {
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

    /// The rules as the gate has them.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.shared.state().rules)
    }

    /// How many sends the last 24 hours had, and what they cost by events and price table.
    pub fn spent(&self) -> (u64, Spent) {
        let now = self.shared.db.clock.now().timestamp_micros();
        let state = self.shared.state();
        let sends = state.ledger.count(&Key::All, now, WINDOW_MAX);
        (sends, state.ledger.spent(now, WINDOW_MAX))
    }

    /// Currencies in which events of the last 24 hours had costs, other than that of the caps: no
    /// cap counts these.
    pub fn foreign_costs(&self) -> Vec<String> {
        let now = self.shared.db.clock.now().timestamp_micros();
        let state = self.shared.state();
        let recent = state.foreign.iter().filter(|(_, last)| **last > now - WINDOW_MAX);
        recent.map(|(currency, _)| currency.clone()).collect()
    }

    /// The warning that caps count less than is spent; nothing without caps.
    pub fn uncounted(&self) -> Option<String> {
        let others = self.foreign_costs();
        let rules = self.rules();
        let spend = &rules.settings().spend;
        spend.currency.uncounted(&others).filter(|_| !spend.caps.is_empty())
    }

    /// The same, with whatever this process changed before.
    pub async fn newest_rules(&self) -> Arc<Rules> {
        self.shared.fresh().await;
        self.rules()
    }

    /// How the gate is.
    pub fn health(&self) -> Health {
        let shared = &self.shared;
        let away = shared.away.load(Ordering::Relaxed);
        let blind = shared.blind.load(Ordering::Relaxed);
        shared.state().health(away || blind, shared.kept.len())
    }

    /// Takes in what was committed since it last looked; done by [`crate::Engine::work`] all the
    /// time.
    ///
    /// # Errors
    /// When the store refuses; the next look goes on from the same place.
    pub async fn follow(&self) -> Result<(), store::Error> {
        self.shared.follow().await
    }

    /// Forgets blocks, bypasses and trust that were erased from the store.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn forget_gone(&self) -> Result<(), store::Error> {
        self.shared.forget_gone().await
    }

    /// Upkeep, once a minute: forgets what ended, and trust that is over.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn keep(&self) -> Result<(), store::Error> {
        let now = self.shared.db.clock.now();
        let days = i64::from(domain::rules::TRUST_DAYS_MAX);
        self.shared.state().upkeep(now, days);
        let health = self.health();
        // Shown, not reckoned with.
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
    ) -> Answered {
        let rules = self.rules();
        let texts = &rules.settings().user_message;
        let user_message = texts.for_user(decision.verdict, decision.retry_after, accept);
        Answered { id, journey, phone, decision, user_message, time }
    }
}
