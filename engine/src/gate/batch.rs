//! Decisions written: many in one transaction, each answered when it is durable.

use super::live::by_cap;
use super::{Caller, Shared};
use crate::ingest::{Pen, Sources};
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::captcha::{CaptchaError, Solved};
use domain::gate::{Captcha, Decision, DecisionId, Request, decide};
use domain::phone::masked_in;
use domain::rules::OnStoreFailure;
use domain::{Event, Kind, Reason};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use store::decisions::New;
use store::events::NewEvent;
use tokio::sync::{Mutex, OwnedSemaphorePermit, mpsc, oneshot};
use uuid::Uuid;

/// Decisions that one transaction takes at most.
const COMMIT: usize = 500;
/// How long a connection may take to come: past that the store counts as away.
const CONNECT: Duration = Duration::from_millis(200);
/// How often a store that is away is tried again.
const RETRY: Duration = Duration::from_millis(250);

/// A decision and what it was about.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: DecisionId,
    pub(super) event: Uuid,
    pub(super) time: DateTime<Utc>,
    pub(super) caller: Caller,
    pub(super) request: Box<Request>,
    /// The captcha that turned it.
    pub(super) captcha: Option<Solved>,
    pub(super) decision: Decision,
}

/// A record that is to be written.
pub(super) struct Job {
    pub(super) record: Record,
    /// Its caller has been answered without the store.
    pub(super) late: Arc<AtomicBool>,
    pub(super) setting: OnStoreFailure,
    /// Who waits for it; nobody where it was answered already.
    pub(super) answer: Option<oneshot::Sender<Decision>>,
    pub(super) room: Option<OwnedSemaphorePermit>,
}

pub(super) struct Writer {
    shared: Arc<Shared>,
    pen: Pen,
    /// Decisions made while the store was away.
    kept: VecDeque<Job>,
}

/// Why nothing was committed.
enum Trouble {
    /// Nobody answers.
    Away,
    /// The store refused.
    Store(store::Error),
}

impl<E: Into<store::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        let error = error.into();
        match &error {
            store::Error::Sql(cause) if cause.as_database_error().is_none() => Self::Away,
            // The server is going down or coming up (SQLSTATE class 57).
            store::Error::Sql(cause)
                if cause
                    .as_database_error()
                    .and_then(|error| error.code())
                    .is_some_and(|code| code.starts_with("57P")) =>
            {
                Self::Away
            }
            _ => Self::Store(error),
        }
    }
}

impl Writer {
    pub(super) async fn new(shared: Arc<Shared>) -> Result<Self, store::Error> {
        let pen = Pen::new(&shared.db).await?;
        Ok(Self { shared, pen, kept: VecDeque::new() })
    }

    pub(super) async fn run(mut self, jobs: Arc<Mutex<mpsc::UnboundedReceiver<Job>>>) {
        loop {
            let Some(batch) = self.next(&jobs).await else { return };
            if batch.is_empty() {
                self.catch_up().await;
            } else {
                self.write(batch).await;
            }
        }
    }

    /// What has gathered; nothing when kept ones are to be tried again; none at the end.
    async fn next(&self, jobs: &Mutex<mpsc::UnboundedReceiver<Job>>) -> Option<Vec<Job>> {
        let mut jobs = jobs.lock().await;
        let first = if self.kept.is_empty() {
            jobs.recv().await?
        } else {
            match tokio::time::timeout(RETRY, jobs.recv()).await {
                Ok(first) => first?,
                Err(_) => return Some(Vec::new()),
            }
        };
        let mut batch = vec![first];
        while batch.len() < COMMIT
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
        Some(batch)
    }

    async fn write(&mut self, mut batch: Vec<Job>) {
        match self.commit(&mut batch).await {
            Ok(()) => {
                self.shared.away.store(false, Ordering::Relaxed);
                batch.into_iter().for_each(answer);
                if !self.kept.is_empty() {
                    self.catch_up().await;
                }
            }
            Err(Trouble::Away) => {
                self.shared.away.store(true, Ordering::Relaxed);
                self.keep(batch);
            }
            // One caller's decision must not fail another's: each tries alone.
            Err(Trouble::Store(_)) if batch.len() > 1 => {
                for job in batch {
                    let mut alone = vec![job];
                    match self.commit(&mut alone).await {
                        Ok(()) => alone.into_iter().for_each(answer),
                        Err(Trouble::Away) => self.keep(alone),
                        Err(Trouble::Store(error)) => self.refuse(alone, &error),
                    }
                }
            }
            Err(Trouble::Store(error)) => self.refuse(batch, &error),
        }
    }

    /// Answers as the setting has it, and keeps what was answered until the store returns.
    fn keep(&mut self, batch: Vec<Job>) {
        for mut job in batch {
            if let Some(answer) = job.answer.take() {
                let decided = job.record.decision.clone().without_store(job.setting);
                self.shared.give_back(&job.record, &decided);
                job.record.decision = decided.clone();
                let _ = answer.send(decided);
            }
            // A bypass or a captcha that could not be used up stays good.
            job.room = None;
            self.kept.push_back(job);
        }
        while self.kept.len() > super::KEPT {
            self.kept.pop_front();
            metrics::counter!("tollwarden_decisions_lost_total").increment(1);
        }
    }

    /// The store will not have it: answered as the setting has it, and not kept, since it would
    /// not be taken another time either.
    fn refuse(&mut self, batch: Vec<Job>, error: &store::Error) {
        tracing::error!(%error, "a decision could not be written");
        for mut job in batch {
            if let Some(answer) = job.answer.take() {
                let decided = job.record.decision.clone().without_store(job.setting);
                self.shared.give_back(&job.record, &decided);
                let _ = answer.send(decided);
            }
            metrics::counter!("tollwarden_decisions_lost_total").increment(1);
        }
    }

    /// Writes what was kept, as far as the store takes it.
    async fn catch_up(&mut self) {
        while !self.kept.is_empty() {
            let count = self.kept.len().min(COMMIT);
            let mut batch: Vec<Job> = self.kept.drain(..count).collect();
            match self.commit(&mut batch).await {
                Ok(()) => {
                    self.shared.away.store(false, Ordering::Relaxed);
                    batch.into_iter().for_each(answer);
                }
                Err(Trouble::Away) => {
                    for job in batch.into_iter().rev() {
                        self.kept.push_front(job);
                    }
                    return;
                }
                Err(Trouble::Store(error)) => self.refuse(batch, &error),
            }
        }
        tracing::info!("decisions made without the store have been written");
    }

    async fn commit(&mut self, batch: &mut [Job]) -> Result<(), Trouble> {
        let mut tries = 1;
        loop {
            match self.try_commit(batch).await {
                Err(Trouble::Store(error)) if error.is_transient() && tries < 5 => {}
                // Another process' retention dropped a month that this one knew of.
                Err(Trouble::Store(error)) if error.is_missing_partition() && tries < 5 => {
                    self.pen.forget_months();
                }
                done => return done,
            }
            tries += 1;
        }
    }

    async fn try_commit(&mut self, batch: &mut [Job]) -> Result<(), Trouble> {
        let shared = Arc::clone(&self.shared);
        let now = shared.db.clock.now();
        for job in batch.iter_mut().filter(|job| job.late.swap(false, Ordering::Relaxed)) {
            // Its caller could not wait: what is written is what was answered.
            let decided = job.record.decision.clone().without_store(job.setting);
            job.record.decision = decided;
            job.answer = None;
        }
        let mut tx = match tokio::time::timeout(CONNECT, shared.db.pool.begin()).await {
            Ok(tx) => tx?,
            Err(_) => return Err(Trouble::Away),
        };
        let mut changes = Vec::new();
        for job in batch.iter_mut() {
            if let Some(change) = use_up(&shared, &mut tx, &mut job.record, now).await? {
                changes.push(change);
            }
        }
        let events: Vec<NewEvent> = batch.iter().map(|job| event(&shared, &job.record)).collect();
        self.pen.prepare(&shared.db, events.iter().map(|row| row.event.time)).await?;
        let rows: Vec<&NewEvent> = events.iter().collect();
        self.pen.write(&mut tx, &rows, now).await?;
        let rows: Vec<New<'_>> = batch.iter().map(|job| row(&job.record)).collect();
        let xid = store::decisions::insert(&mut tx, &rows).await?;
        self.pen.note(&mut tx, &brought(&events), now).await?;
        let capped: Vec<_> = batch.iter().filter(|job| by_cap(&job.record.decision)).collect();
        if let Some(cause) = capped.first().and_then(|job| job.record.decision.cause()) {
            let rule = cause.rule.clone();
            crate::watch::tell_of_cap(&mut tx, now, &rule, capped.len() as u64).await?;
        }
        if !changes.is_empty() {
            // Last: it locks the chain's head until the commit.
            store::audit::append(&mut tx, &shared.db.secret, now, &changes).await?;
        }
        // Before the commit: the tail must never meet these as another's.
        shared.own.lock().unwrap_or_else(PoisonError::into_inner).insert(xid);
        tx.commit().await?;
        Ok(())
    }
}

fn answer(mut job: Job) {
    if let Some(answer) = job.answer.take() {
        // A caller that went away does not mind.
        let _ = answer.send(job.record.decision);
    }
}

/// Uses up the bypass or the captcha that a decision rests on. Where another was first, it is
/// decided anew without.
async fn use_up(
    shared: &Shared,
    conn: &mut sqlx::PgConnection,
    record: &mut Record,
    now: DateTime<Utc>,
) -> Result<Option<(By, Change)>, store::Error> {
    let mut change = None;
    if let Some(bypass) = record.decision.bypass {
        if store::bypasses::use_one(&mut *conn, bypass, now).await? {
            shared.state().end_bypass(bypass);
            let whose = match &record.request.user {
                Some(user) => format!("user {user}"),
                None => format!("number {}", record.request.number()),
            };
            let after = serde_json::json!({ "id": bypass, "decision": record.id.to_string() });
            let by = By::key(&record.caller.key, record.caller.from);
            change = Some((by, Change::new(Activity::BypassUsed, whose).after(after)));
        } else {
            decide_anew(shared, record, |state| state.end_bypass(bypass));
        }
    }
    if record.decision.captcha
        && let Some(Solved { id, expires }) = record.captcha
        && !store::captcha::use_up(&mut *conn, id, expires, now).await?
    {
        record.request.captcha = Captcha::Wrong(CaptchaError::Used.to_string());
        decide_anew(shared, record, |_| ());
    }
    Ok(change)
}

fn decide_anew(shared: &Shared, record: &mut Record, prepare: impl FnOnce(&mut super::State)) {
    let mut state = shared.state();
    prepare(&mut state);
    let attempt = record.request.attempt();
    if record.decision.verdict.lets_out() {
        state.ledger.take_back(attempt, record.time.timestamp_micros());
    }
    record.decision = decide(&record.request, &state.rules, &state.ledger, record.time);
    let Record { request, decision, event, time, .. } = record;
    state.reserve(request, decision, *event, *time);
}

fn event(shared: &Shared, record: &Record) -> NewEvent {
    let Record { id, request, decision, .. } = record;
    let (kind, cause) = if decision.verdict.lets_out() {
        (Kind::Requested, None)
    } else {
        (Kind::Refused, decision.cause())
    };
    let (browser, os) = match &request.user_agent {
        Some(agent) => {
            let (browser, os) = shared.agents.families(agent);
            (Some(browser), Some(os))
        }
        None => (None, None),
    };
    NewEvent {
        key: record.event,
        attempt: request.attempt(),
        region: Some(request.phone.region),
        browser,
        os,
        event: Event {
            source: shared.source.clone(),
            id: id.to_string(),
            time: record.time,
            kind,
            journey: Some(request.journey.clone()),
            user: request.user.clone(),
            device: request.device.clone(),
            flow: request.flow.clone(),
            app: None,
            phone: Some(request.number()),
            channel: Some(request.channel),
            ip: request.ip,
            user_agent: request.user_agent.clone(),
            reason: cause.and_then(|why| why.code.as_str().parse::<Reason>().ok()),
            // Those who may not see whole numbers read this too.
            reason_text: cause.map(|why| masked_in(&why.message)),
            provider_ref: None,
            carrier: None,
            cost: None,
            extra: serde_json::Map::new(),
        },
    }
}

fn row(record: &Record) -> New<'_> {
    New {
        id: record.id.0,
        time: record.time,
        attempt: record.request.attempt(),
        event: record.event,
        kind: record.request.phone.kind,
        valid: record.request.phone.valid,
        api_key: &record.caller.key,
        decision: &record.decision,
    }
}

fn brought(events: &[NewEvent]) -> Sources {
    let mut brought = Sources::new();
    for row in events {
        let note = brought.entry((row.event.source.to_string(), true)).or_default();
        note.accepted += 1;
        note.newest = note.newest.max(Some(row.event.time));
    }
    brought
}
