//! Storing events: many callers' batches in one transaction, with everything derived from them.

mod enrich;
mod odd;

use crate::agent::Agents;
use crate::aliases::Filler;
use crate::counters;
use crate::group::{Commit, Queue, QueueError};
use chrono::{DateTime, Utc};
use domain::attempts::Attempt;
use domain::keys::Marks;
use domain::{Event, Kind, Region, Source};
use sqlx::{PgConnection, PgPool};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use store::Db;
use store::events::NewEvent;
use store::partitions::Month;
use store::sources::SourceCounts;
use store::tallies::{self, Dim};
use tokio::sync::Notify;
use uuid::Uuid;

/// Most codes sent to a number on the day it verified; with more, the number is not trusted
/// (contract, section 4).
const TRUST_SENDS: i64 = 20;

/// How a batch came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// Through the HTTP API.
    Api,
    /// From a file; it does not show whether the source is live or silent.
    Import,
    /// From a watched directory.
    Follow,
}

/// Counts for a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// New events.
    pub accepted: u64,
    /// Known events that were missing a field which came now.
    pub enriched: u64,
    /// Known events.
    pub duplicates: u64,
}

struct EventBatch {
    events: Vec<NewEvent>,
    via: Via,
    rejected: Option<(Source, u64)>,
}

/// Stores events. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    queue: Queue<BatchWriter>,
    agents: Arc<Agents>,
}

impl Ingest {
    /// Starts a writer. `wrote` is notified after each commit.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn start(
        db: Db,
        agents: Arc<Agents>,
        wrote: Arc<Notify>,
    ) -> Result<Self, store::Error> {
        let pen = EventWriter::new(&db).await?;
        let writer = BatchWriter { db, pen, prices: odd::Prices::default(), wrote };
        Ok(Self { queue: Queue::start(writer), agents })
    }

    /// Queues a batch and returns once it is durable. If the queue is full, HTTP requests are
    /// refused; other callers wait.
    ///
    /// # Errors
    /// [`QueueError`] if the queue is full, the store fails, or the server stops.
    pub async fn submit(&self, events: Vec<Event>, via: Via) -> Result<BatchCounts, QueueError> {
        self.submit_with(events, via, None, Marks::IMPORT).await
    }

    /// Like [`Self::submit`], with the number of records of a source that were rejected before, and
    /// the trust in these events' sender.
    ///
    /// # Errors
    /// [`QueueError`] if the queue is full, the store fails, or the server stops.
    pub async fn submit_with(
        &self,
        events: Vec<Event>,
        via: Via,
        rejected: Option<(Source, u64)>,
        marks: Marks,
    ) -> Result<BatchCounts, QueueError> {
        if events.is_empty() && rejected.is_none() {
            return Ok(BatchCounts::default());
        }
        let room = match via {
            Via::Api => self.queue.try_enter(events.len())?,
            Via::Import | Via::Follow => self.queue.enter(events.len()).await?,
        };
        let events = events.into_iter().map(|event| self.derive(event, marks)).collect();
        self.queue.submit(room, EventBatch { events, via, rejected }).await
    }

    fn derive(&self, event: Event, marks: Marks) -> NewEvent {
        let (browser, os) = self.agents.of_event(event.user_agent.as_deref());
        let region = event.phone.and_then(Region::of);
        NewEvent { browser, os, ..NewEvent::of(event, region, marks) }
    }
}

/// Number of events of each kind, by source and whether they came live.
pub(crate) type Sources = BTreeMap<(String, bool), SourceCounts>;

/// Counts accepted events that came live.
pub(crate) fn brought<'a>(events: impl Iterator<Item = &'a NewEvent>) -> Sources {
    let mut sources = Sources::new();
    for row in events {
        let note = sources.entry((row.event.source.to_string(), true)).or_default();
        note.accepted += 1;
        note.newest = note.newest.max(Some(row.event.time));
    }
    sources
}

/// Writes events and everything derived from them; every way into the event log uses it.
#[derive(Debug)]
pub(crate) struct EventWriter {
    number: i16,
    months: HashSet<Month>,
    names: Filler,
}

impl EventWriter {
    /// Creates a writer with a new number.
    pub(crate) async fn new(db: &Db) -> store::Result<Self> {
        let number = tallies::new_writer(db.facts()).await?;
        let now = Month::of(db.clock.now());
        store::partitions::ensure(db.facts(), &[now, now.next()]).await?;
        let months = HashSet::from([now, now.next()]);
        Ok(Self { number, months, names: Filler::default() })
    }

    pub(crate) fn number(&self) -> i16 {
        self.number
    }

    /// Forgets which months have a partition, because another process's retention dropped one.
    pub(crate) fn forget_months(&mut self) {
        self.months.clear();
    }

    /// Creates the partitions that events of these times need, outside their transaction.
    pub(crate) async fn prepare(
        &mut self,
        pool: &PgPool,
        times: impl Iterator<Item = DateTime<Utc>>,
    ) -> store::Result<()> {
        let missing: BTreeSet<Month> =
            times.map(Month::of).filter(|month| !self.months.contains(month)).collect();
        let missing: Vec<Month> = missing.into_iter().collect();
        store::partitions::ensure(pool, &missing).await?;
        self.months.extend(missing);
        Ok(())
    }

    /// Inserts new events, adds them to attempts, tallies and joined names, and returns their keys.
    /// No two rows may have the same key.
    pub(crate) async fn write(
        &mut self,
        conn: &mut PgConnection,
        rows: &[&NewEvent],
        now: DateTime<Utc>,
    ) -> store::Result<HashSet<Uuid>> {
        if rows.is_empty() {
            return Ok(HashSet::new());
        }
        let fresh = store::events::append(conn, rows, now).await?;
        let new = || rows.iter().copied().filter(|row| fresh.contains(&row.key));
        let mut counts = tallies::Counts::default();
        new().for_each(|row| tally(&mut counts, row, 1));
        store::attempts::fold(conn, attempts(new())).await?;
        tallies::add(conn, self.number, &counts).await?;
        let asked = new().filter(|row| matches!(row.event.kind, Kind::Requested | Kind::Sent));
        let asked: Vec<Uuid> = asked.map(|row| row.attempt).collect();
        store::gate::trust_early(conn, &asked, TRUST_SENDS).await?;
        let naming = new().filter(|row| row.marks.names);
        self.names.fill(conn, naming.map(|row| &row.event), now).await?;
        Ok(fresh)
    }

    /// Updates the counts of each source.
    pub(crate) async fn note(
        &self,
        conn: &mut PgConnection,
        sources: &Sources,
        now: DateTime<Utc>,
    ) -> store::Result<()> {
        for ((source, live), brought) in sources {
            store::sources::note(conn, source, self.number, *live, brought, now).await?;
        }
        Ok(())
    }
}

struct BatchWriter {
    db: Db,
    pen: EventWriter,
    prices: odd::Prices,
    wrote: Arc<Notify>,
}

impl Commit for BatchWriter {
    type Job = EventBatch;
    type Answer = BatchCounts;

    /// In events, not batches.
    const ROOM: usize = 50_000;
    /// Small enough that the tail's horizon keeps moving.
    const MOST: usize = 4_000;

    fn forget_months(&mut self) {
        self.pen.forget_months();
    }

    fn count(answer: &Result<BatchCounts, QueueError>) {
        if let Ok(counts) = answer {
            counters::EVENTS_ACCEPTED.add(counts.accepted);
            counters::EVENTS_ENRICHED.add(counts.enriched);
            counters::EVENTS_DUPLICATE.add(counts.duplicates);
        }
    }

    async fn try_commit(&mut self, batch: &[EventBatch]) -> store::Result<Vec<BatchCounts>> {
        let now = self.db.clock.now();
        let mut seen = HashSet::new();
        let (rows, repeated): (Vec<&NewEvent>, Vec<_>) =
            batch.iter().flat_map(|job| &job.events).partition(|row| seen.insert(row.key));
        self.pen.prepare(self.db.facts(), rows.iter().map(|row| row.event.time)).await?;
        let mut tx = self.db.begin().await?;
        let mut fresh = self.pen.write(&mut tx, &rows, now).await?;
        let (news, again): (Vec<_>, Vec<_>) =
            rows.iter().copied().partition(|row| fresh.contains(&row.key));
        let tellings = again.into_iter().chain(repeated);
        let filled = self.pen.enrich(&mut tx, tellings, now).await?;
        let mut enriched: HashSet<Uuid> = filled.iter().map(|one| one.row.key).collect();

        let verified: Vec<_> = news
            .iter()
            .filter(|row| row.marks.trusted && row.event.kind == Kind::Verified)
            .filter_map(|row| Some((row.attempt, row.event.phone?, row.event.time)))
            .collect();
        store::gate::trust(&mut tx, &verified, TRUST_SENDS).await?;

        // An event that two callers send at once counts for the first.
        let mut brought = Sources::new();
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch {
            let live = job.via != Via::Import;
            let mut answer = BatchCounts::default();
            for row in &job.events {
                let note = brought.entry((row.event.source.to_string(), live)).or_default();
                if fresh.remove(&row.key) {
                    answer.accepted += 1;
                    note.accepted += 1;
                } else if enriched.remove(&row.key) {
                    answer.enriched += 1;
                    note.duplicates += 1;
                } else {
                    answer.duplicates += 1;
                    note.duplicates += 1;
                }
                note.newest = note.newest.max(Some(row.event.time));
            }
            if let Some((source, rejected)) = &job.rejected {
                let note = brought.entry((source.to_string(), live)).or_default();
                note.rejected += i64::try_from(*rejected).unwrap_or(i64::MAX);
            }
            answers.push(answer);
        }
        self.pen.note(&mut tx, &brought, now).await?;
        let priced = filled.iter().filter(|one| one.priced).map(|one| &one.row);
        let priced: Vec<&NewEvent> = news.iter().copied().chain(priced).collect();
        self.prices.raise_alerts(&mut tx, &priced, now).await?;
        let entries = self.pen.names.raise_alerts(&mut tx, now).await?;
        self.db.record_in(tx, now, &entries).await?.commit().await?;
        if !verified.is_empty() {
            // Makes the gate read the store before its next answer.
            self.db.changed();
        }
        self.wrote.notify_waiters();
        Ok(answers)
    }
}

/// The attempts of some events, as far as these events describe them.
fn attempts<'a>(rows: impl Iterator<Item = &'a NewEvent>) -> Vec<Attempt> {
    let mut attempts: HashMap<Uuid, Attempt> = HashMap::new();
    for row in rows {
        let mut part = Attempt::of(&row.event, row.region, row.browser.as_deref());
        // A fraud report may belong to an attempt although it does not have its journey.
        part.id = row.attempt;
        match attempts.get_mut(&part.id) {
            Some(known) => known.merge(part),
            None => _ = attempts.insert(part.id, part),
        }
    }
    attempts.into_values().collect()
}

/// Adds an event to the tallies, `n` times.
pub(crate) fn tally(counts: &mut tallies::Counts, row: &NewEvent, n: i64) {
    let event = &row.event;
    let mut add = |dim, key: &str, detail: &str| {
        counts.add(n, dim, event.time, (event.channel, key, detail));
    };
    add(Dim::Kind, event.kind.as_str(), "");
    add(Dim::Source, event.source.as_str(), "");
    if event.kind.is_failure() {
        let reason = event.reason.map_or("", |reason| reason.as_str());
        add(Dim::Reason, reason, event.reason_text.as_deref().unwrap_or_default());
        add(Dim::Browser, row.browser.as_deref().unwrap_or_default(), "");
        add(Dim::Os, row.os.as_deref().unwrap_or_default(), "");
    }
}
