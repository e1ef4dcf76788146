//! Facts about each region: hourly figures of the last 30 days, and where users verified in the
//! last 90, kept in memory. Pages use them without querying the store.
//!
//! The store is read day by day, newest first. Then the current hour and the two before it are read
//! every 20 seconds, the last three days every 10 minutes (events come late), and any other day
//! when its number of events has changed since it was read: an imported old log shows within a
//! minute or two.

use crate::Error;
use crate::sync::lock;
use crate::work::Progress;
use chrono::{DateTime, TimeDelta, Utc};
use domain::region_figures::{Hours, Month, VerifiedRegions, hour_of, hour_start};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use store::Db;

#[cfg(test)]
pub(crate) mod tests;

/// How often the newest hours are read.
const FRESH: TimeDelta = TimeDelta::seconds(20);
/// Whole hours that are read together with the current one.
const FRESH_HOURS: i64 = 2;
/// How often the last days are read, even without known changes.
const LATE: TimeDelta = TimeDelta::minutes(10);
/// How many days before today these include.
const LATE_DAYS: i64 = 2;
/// A day that keeps changing is read again after this many times the duration of its last read …
const REST: u32 = 300;
/// … and at the latest after this time.
const REST_MAX: TimeDelta = TimeDelta::minutes(5);

/// Figures of all regions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Regions {
    pub(crate) db: Db,
    known: Arc<Mutex<CountedHours>>,
    shown: Arc<Mutex<Option<Snapshot>>>,
}

/// What pages read; reading the store never blocks it.
#[derive(Debug, Clone)]
struct Snapshot {
    month: Arc<Month>,
    verified: Arc<VerifiedRegions>,
}

#[derive(Debug, Default)]
struct CountedHours {
    hours: Hours,
    /// When the newest hours were last read.
    fresh: Option<DateTime<Utc>>,
    /// By days since 1970: number of events at the last count …
    events: BTreeMap<i64, i64>,
    /// … and the data of those days that have been read.
    days: BTreeMap<i64, Day>,
}

#[derive(Debug, Clone, Copy)]
struct Day {
    /// Number of events before the day was read.
    events: i64,
    read: DateTime<Utc>,
    /// How long to wait before reading it again although it changed.
    rest: TimeDelta,
}

enum Next {
    Fresh,
    Day(i64),
    Nothing,
}

impl Regions {
    /// Creates it without reading anything yet.
    pub(crate) fn new(db: Db) -> Self {
        Self { db, known: Arc::default(), shown: Arc::default() }
    }

    /// The figures of the last 30 days, in microseconds.
    pub fn month(&self) -> Arc<Month> {
        self.snapshot().month
    }

    /// Where users verified in the last 90 days, with times in microseconds.
    pub fn verified(&self) -> Arc<VerifiedRegions> {
        self.snapshot().verified
    }

    /// Runs `look` on the hourly figures; reading the store waits meanwhile.
    pub(crate) fn with_hours<T>(&self, look: impl FnOnce(&Hours) -> T) -> T {
        look(&lock(&self.known).hours)
    }

    /// Marks all days as due because events were rewritten.
    pub(crate) fn read_again(&self) {
        lock(&self.known).days.values_mut().for_each(|day| day.events = -1);
    }

    /// Reads at most one part of the store that is due: the newest hours, or one day.
    ///
    /// # Errors
    /// If the store fails; the part is due again at once.
    pub async fn step(&self) -> Result<Progress, Error> {
        let now = self.db.clock.now();
        let next = lock(&self.known).next(now);
        match next {
            Next::Nothing => return Ok(Progress::Idle),
            Next::Fresh => self.read_fresh(now).await?,
            Next::Day(day) => self.read_day(day, now).await?,
        }
        self.show(now);
        Ok(Progress::Worked)
    }

    /// Reads everything that has changed, even if it was read recently. Call it before raising an
    /// alert about an anomaly, because a half-finished import looks like one.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn settle(&self) -> Result<(), Error> {
        let now = self.db.clock.now();
        self.read_fresh(now).await?;
        let changed = lock(&self.known).changed(now);
        for day in changed {
            self.read_day(day, now).await?;
        }
        self.show(now);
        Ok(())
    }

    async fn read_fresh(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let first = hour_start(Hours::first_day(now) * 24);
        // Counted before the hours are read: later events are found at the next count.
        let events = store::regions::events_by_day(self.db.read(), first).await?;
        let (from, to) = (hour_of(now) - FRESH_HOURS, hour_of(now) + 1);
        let counted =
            store::regions::counted(self.db.read(), hour_start(from), hour_start(to)).await?;
        let mut known = lock(&self.known);
        known.events = events;
        known.hours.put(from, to, counted);
        known.fresh = Some(now);
        Ok(())
    }

    async fn read_day(&self, day: i64, now: DateTime<Utc>) -> Result<(), Error> {
        let events = lock(&self.known).events.get(&day).copied().unwrap_or_default();
        let begun = Instant::now();
        let (from, to) = (day * 24, day * 24 + 24);
        let counted =
            store::regions::counted(self.db.read(), hour_start(from), hour_start(to)).await?;
        let rest = TimeDelta::from_std(begun.elapsed() * REST).unwrap_or(REST_MAX).min(REST_MAX);
        let mut known = lock(&self.known);
        known.hours.put(from, to, counted);
        known.days.insert(day, Day { events, read: now, rest });
        Ok(())
    }

    /// Computes what pages read.
    fn show(&self, now: DateTime<Utc>) {
        let mut known = lock(&self.known);
        known.forget(now);
        let month = Month {
            from: hour_start(Hours::month_begin(now)),
            as_of: now,
            loading: known.lacks(Hours::month_begin(now).div_euclid(24), now),
            rows: known.hours.month(now),
        };
        let verified = VerifiedRegions {
            as_of: now,
            loading: known.lacks(Hours::first_day(now), now),
            rows: known.hours.verified(),
        };
        drop(known);
        let shown = Snapshot { month: Arc::new(month), verified: Arc::new(verified) };
        *lock(&self.shown) = Some(shown);
    }

    fn snapshot(&self) -> Snapshot {
        let shown = lock(&self.shown).clone();
        shown.unwrap_or_else(|| {
            let as_of = self.db.clock.now();
            let from = hour_start(Hours::month_begin(as_of));
            let month = Month { from, as_of, loading: true, rows: Vec::new() };
            let verified = VerifiedRegions { as_of, loading: true, rows: Vec::new() };
            Snapshot { month: Arc::new(month), verified: Arc::new(verified) }
        })
    }
}

impl CountedHours {
    /// The next part that is due, the newest hours first. After the clock went back, everything
    /// read later than the current time is due.
    fn next(&self, now: DateTime<Utc>) -> Next {
        let due = |last: DateTime<Utc>, after| now < last || now - last >= after;
        if self.fresh.is_none_or(|last| due(last, FRESH)) {
            return Next::Fresh;
        }
        let (first, today) = (Hours::first_day(now), today(now));
        if let Some(unread) = (first..=today).rev().find(|day| !self.days.contains_key(day)) {
            return Next::Day(unread);
        }
        let changed = |day: i64, known: &Day| self.events_of(day) != known.events;
        let stale = self.days.range(first..=today).filter(|(day, known)| {
            let late = **day >= today - LATE_DAYS && due(known.read, LATE);
            late || changed(**day, known) && due(known.read, known.rest)
        });
        let oldest = stale.min_by_key(|(_, known)| known.read);
        oldest.map_or(Next::Nothing, |(day, _)| Next::Day(*day))
    }

    /// Days whose number of events changed since they were read, or that were never read.
    fn changed(&self, now: DateTime<Utc>) -> Vec<i64> {
        let same = |day: &i64| {
            self.days.get(day).is_some_and(|known| known.events == self.events_of(*day))
        };
        (Hours::first_day(now)..=today(now)).filter(|day| !same(day)).collect()
    }

    fn events_of(&self, day: i64) -> i64 {
        self.events.get(&day).copied().unwrap_or_default()
    }

    /// Whether any day from this one on has never been read.
    fn lacks(&self, first: i64, now: DateTime<Utc>) -> bool {
        (first..=today(now)).any(|day| !self.days.contains_key(&day))
    }

    fn forget(&mut self, now: DateTime<Utc>) {
        self.hours.forget(now);
        self.days = self.days.split_off(&Hours::first_day(now));
    }
}

fn today(now: DateTime<Utc>) -> i64 {
    hour_of(now).div_euclid(24)
}
