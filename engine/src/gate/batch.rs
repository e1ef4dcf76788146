//! Writes decisions: many in one transaction; each caller is answered once its decision is durable.

use super::backlog::PendingRecord;
use super::record::{Record, by_cap};
use super::rows::{event, row};
use super::shared::Shared;
use crate::counters;
use crate::group::{self, Next};
use crate::ingest::{EventWriter, brought, tally};
use crate::sync::lock;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::captcha::{CaptchaError, Solved};
use domain::gate::CaptchaResult;
use sqlx::{Connection as _, PgConnection, Postgres, Transaction};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::decisions::{New, NewDecisions};
use store::events::NewEvent;
use store::sources::SourceCounts;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout, timeout_at};

/// Most decisions in one transaction.
const COMMIT: usize = 500;
/// How long opening a connection may take; after that the store counts as away.
const CONNECT: Duration = Duration::from_millis(200);
/// How long a transaction may take; after that its connection counts as dead.
const STUCK: Duration = Duration::from_secs(5);
/// A first try that failed faster is repeated once.
const HASTE: Duration = Duration::from_millis(50);
/// Pause before waiting for a connection again.
const PAUSE: Duration = Duration::from_millis(20);
/// How often the gate tries again while the store is away.
const RETRY: Duration = Duration::from_millis(250);

pub(super) struct DecisionWriter {
    shared: Arc<Shared>,
    pen: EventWriter,
}

/// Why a batch was not committed.
enum NotCommitted {
    /// The store does not answer, or cannot at the moment.
    Away,
    /// The store answers, but no connection was available in time.
    Crowded,
    /// Some callers could not wait: their records must be replaced by what they were answered.
    Late,
    /// The store's error; as the result of a commit, the store refused the batch.
    Store(store::Error),
}

impl<E: Into<store::Error>> From<E> for NotCommitted {
    fn from(error: E) -> Self {
        Self::Store(error.into())
    }
}

impl DecisionWriter {
    pub(super) async fn new(shared: Arc<Shared>) -> Result<Self, store::Error> {
        let pen = EventWriter::new(&shared.db).await?;
        Ok(Self { shared, pen })
    }

    pub(super) async fn run(mut self, jobs: Arc<Mutex<mpsc::UnboundedReceiver<PendingRecord>>>) {
        loop {
            let Some(batch) = self.next(&jobs).await else { return };
            self.write(batch).await;
            let kept = self.shared.kept.take(COMMIT);
            if !kept.is_empty() {
                self.write(kept).await;
                if self.shared.kept.len() == 0 {
                    tracing::info!("decisions made without the store have been written");
                }
            }
        }
    }

    /// The next batch; empty if kept records are to be tried; `None` when the gate stops.
    async fn next(
        &self,
        jobs: &Mutex<mpsc::UnboundedReceiver<PendingRecord>>,
    ) -> Option<Vec<PendingRecord>> {
        let away = self.shared.away.load(Ordering::Relaxed);
        // The store is back: kept records are written one batch after another.
        let hurry = !away && self.shared.kept.len() > 0;
        let until = Instant::now() + if hurry { Duration::ZERO } else { RETRY };
        let Ok(mut jobs) = timeout_at(until, jobs.lock()).await else { return Some(Vec::new()) };
        let Ok(first) = timeout_at(until, jobs.recv()).await else { return Some(Vec::new()) };
        Some(group::gather(first?, &mut jobs, COMMIT, |_| 1))
    }

    /// Decisions that use up a bypass or captcha are written last: they may have to wait for
    /// another server, and should not delay the rest.
    async fn write(&mut self, batch: Vec<PendingRecord>) {
        let (claims, others) =
            batch.into_iter().partition(|job: &PendingRecord| job.record.claims());
        self.write_some(others).await;
        self.write_some(claims).await;
    }

    async fn write_some(&mut self, mut batch: Vec<PendingRecord>) {
        if batch.is_empty() {
            return;
        }
        match self.commit(&mut batch).await {
            Ok(()) => self.written(batch),
            // One caller's error must not affect the others: tries each record alone.
            Err(NotCommitted::Store(_)) if batch.len() > 1 => {
                let mut rest = batch.into_iter();
                while let Some(job) = rest.next() {
                    let mut alone = vec![job];
                    match self.commit(&mut alone).await {
                        Ok(()) => self.written(alone),
                        Err(NotCommitted::Store(error)) => self.refuse(alone, &error),
                        Err(_) => {
                            alone.extend(rest);
                            return self.keep(alone);
                        }
                    }
                }
            }
            Err(NotCommitted::Store(error)) => self.refuse(batch, &error),
            Err(_) => self.keep(batch),
        }
    }

    fn written(&self, batch: Vec<PendingRecord>) {
        if batch.is_empty() {
            return;
        }
        let mut state = self.shared.state();
        for Record { event, decision, .. } in batch.iter().map(|job| &job.record) {
            state.flying.remove(event);
            if let Some(bypass) = decision.bypass {
                state.end_bypass(bypass);
            }
        }
        drop(state);
        if self.shared.away.swap(false, Ordering::Relaxed) {
            tracing::info!("the store takes decisions again");
        }
        batch.into_iter().for_each(PendingRecord::written);
    }

    /// Answers according to the setting for store failures, and keeps the records until the store
    /// is back.
    fn keep(&self, mut batch: Vec<PendingRecord>) {
        if !self.shared.away.swap(true, Ordering::Relaxed) {
            tracing::warn!("the store takes no decisions; they are kept in memory");
        }
        batch.retain_mut(|job| {
            job.room = None;
            job.settle(&self.shared)
        });
        self.shared.keep(batch);
    }

    /// The store refuses the records: answers according to the setting for store failures. The
    /// records are not kept, because the store would refuse them again.
    fn refuse(&self, batch: Vec<PendingRecord>, error: &store::Error) {
        tracing::error!(error = store::with_sources(error), "a decision could not be written");
        self.shared.away.store(false, Ordering::Relaxed);
        for mut job in batch {
            job.settle(&self.shared);
            self.shared.state().flying.remove(&job.record.event);
            counters::DECISIONS_LOST.add(1);
        }
    }

    async fn commit(&mut self, batch: &mut Vec<PendingRecord>) -> Result<(), NotCommitted> {
        let begun = Instant::now();
        let mut tries = 1;
        loop {
            // Callers that could not wait: their records become what they were answered.
            batch.retain_mut(|job| job.catch_up(&self.shared));
            if batch.is_empty() {
                return Ok(());
            }
            match self.one_commit(batch).await {
                // Each record is late only once.
                Err(NotCommitted::Late) => continue,
                Err(NotCommitted::Crowded) => {
                    if begun.elapsed() > STUCK {
                        return Err(NotCommitted::Away);
                    }
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(NotCommitted::Store(error)) => match group::next(&error, tries) {
                    Next::Again => {}
                    // Its connection alone may have been closed, and a decision that is there
                    // already is recognised.
                    Next::Later if tries == 1 && begun.elapsed() < HASTE => {}
                    Next::ForgetMonths => self.pen.forget_months(),
                    Next::Later => return Err(NotCommitted::Away),
                    Next::Refused => return Err(NotCommitted::Store(error)),
                },
                done => return done,
            }
            tries += 1;
        }
    }

    async fn one_commit(&mut self, batch: &mut [PendingRecord]) -> Result<(), NotCommitted> {
        let shared = Arc::clone(&self.shared);
        let Ok(conn) = timeout(CONNECT, shared.db.decisions().acquire()).await else {
            let slow = shared.pulse.lately();
            return Err(if slow { NotCommitted::Crowded } else { NotCommitted::Away });
        };
        let mut conn = conn?;
        let done = match timeout(STUCK, self.try_commit(&mut conn, batch)).await {
            Ok(done) => done,
            Err(_) => {
                // Returned to the pool, the dead connection would block it.
                conn.close_on_drop();
                Err(NotCommitted::Away)
            }
        };
        if done.is_err() {
            batch.iter().for_each(|job| job.turn.failed());
        }
        done
    }

    async fn try_commit(
        &mut self,
        conn: &mut PgConnection,
        batch: &mut [PendingRecord],
    ) -> Result<(), NotCommitted> {
        let shared = Arc::clone(&self.shared);
        let now = shared.db.clock.now();
        let mut tx = conn.begin().await?;
        let mut changes = Vec::new();
        for job in batch.iter_mut().filter(|job| !job.is_settled()) {
            changes.extend(use_up(&shared, &mut tx, &mut job.record, now).await?);
        }
        let events: Vec<NewEvent> = batch.iter().map(|job| event(&shared, &job.record)).collect();
        let times = events.iter().map(|row| row.event.time);
        self.pen.prepare(shared.db.decisions(), times).await?;
        if batch.iter().all(|job| job.record.is_plain()) {
            let xid = match self.write_plain(&mut tx, batch, &events, now).await {
                // Some attempts exist already: writes the batch the slow way, which looks first.
                Err(error) if error.is_duplicate() => {
                    batch.iter_mut().for_each(|job| job.record.new = false);
                    return Err(NotCommitted::Late);
                }
                done => done?,
            };
            return self.end(tx, batch, xid, now, &changes).await;
        }
        let rows: Vec<&NewEvent> = events.iter().collect();
        // The commit may have succeeded even if its answer was lost; its rows are not written
        // twice.
        let fresh = self.pen.write(&mut tx, &rows, now).await?;
        let rows = batch.iter().filter(|job| fresh.contains(&job.record.event));
        let rows: Vec<New<'_>> = rows.map(|job| row(&job.record)).collect();
        let xid = store::decisions::insert(&mut tx, &rows).await?;
        let new = events.iter().filter(|row| fresh.contains(&row.key));
        self.pen.note(&mut tx, &brought(new), now).await?;
        let capped: Vec<_> = batch.iter().filter(|job| by_cap(&job.record.decision)).collect();
        if let Some(cause) = capped.first().and_then(|job| job.record.decision.cause()) {
            let cause = domain::watch::cap_reached(&cause.rule, capped.len() as u64);
            crate::unreported::tell_of(&mut tx, now, vec![cause]).await?;
        }
        self.end(tx, batch, xid, now, &changes).await
    }

    /// Writes decisions on new attempts in one statement.
    async fn write_plain(
        &self,
        conn: &mut PgConnection,
        batch: &[PendingRecord],
        events: &[NewEvent],
        now: DateTime<Utc>,
    ) -> Result<i64, store::Error> {
        let mut counts = store::tallies::Counts::default();
        events.iter().for_each(|row| tally(&mut counts, row, 1));
        let brought = SourceCounts {
            accepted: i64::try_from(events.len()).unwrap_or(i64::MAX),
            newest: events.iter().map(|row| row.event.time).max(),
            ..SourceCounts::default()
        };
        let rows: Vec<_> =
            batch.iter().zip(events).map(|(job, event)| (row(&job.record), event)).collect();
        let writer = self.pen.number();
        let whole = NewDecisions { rows: &rows, counts: &counts, brought: &brought, writer, now };
        store::decisions::insert_whole(conn, &whole).await
    }

    async fn end(
        &self,
        tx: Transaction<'_, Postgres>,
        batch: &[PendingRecord],
        xid: i64,
        now: DateTime<Utc>,
        changes: &[(By, Change)],
    ) -> Result<(), NotCommitted> {
        let recorded = self.shared.db.record_in(tx, now, changes).await?;
        if !batch.iter().all(|job| job.is_settled() || job.turn.commits()) {
            return Err(NotCommitted::Late);
        }
        // Before the commit, so that the tail never mistakes these for another process's.
        lock(&self.shared.own).insert(xid);
        Ok(recorded.commit().await?)
    }
}

/// Uses up the bypass or captcha of a decision before it is answered. If another request used it
/// first, decides again without it, and uses up what the new decision needs.
async fn use_up(
    shared: &Shared,
    conn: &mut PgConnection,
    record: &mut Record,
    now: DateTime<Utc>,
) -> Result<Option<(By, Change)>, store::Error> {
    loop {
        if let Some(bypass) = record.decision.bypass {
            if store::bypasses::use_one(&mut *conn, bypass, now).await? {
                let whose = match &record.request.user {
                    Some(user) => format!("user {user}"),
                    None => format!("number {}", record.request.number()),
                };
                let after = serde_json::json!({ "id": bypass, "decision": record.id.to_string() });
                let by = By::key(&record.caller.key, record.caller.from);
                let change = Change::new(Activity::BypassUsed, whose).after(after);
                return Ok(Some((by, change)));
            }
            let mut state = shared.state();
            state.end_bypass(bypass);
            state.again(record, shared.db.clock.now());
        } else if record.decision.captcha
            && let Some(Solved { id, expires }) = record.solved
        {
            if store::captcha::use_up(&mut *conn, id, expires, now).await? {
                return Ok(None);
            }
            let used = CaptchaResult::Wrong(CaptchaError::Used.to_string());
            Arc::make_mut(&mut record.request).captcha = used;
            shared.state().again(record, shared.db.clock.now());
        } else {
            return Ok(None);
        }
    }
}
