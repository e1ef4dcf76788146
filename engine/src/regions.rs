//! What the store knows of each region: figures of the last 30 days and where users verified in
//! the last 90, kept in memory by the hour. Pages read them without asking the store.
//!
//! The store is read day by day, the newest first; then the running hour and the two before it
//! every 20 seconds, the last three days every 10 minutes (events come late), and any other day
//! when its number of events is no longer what it was when it was read: an import of an old log
//! shows within a minute or two.

use crate::Error;
use crate::work::Progress;
use chrono::{DateTime, TimeDelta, Utc};
use domain::region_figures::{Hours, Month, VerifiedRegions, hour_of, hour_start};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;
use store::Db;

#[cfg(test)]
pub(crate) mod tests;

/// How often the newest hours are read.
const FRESH: TimeDelta = TimeDelta::seconds(20);
/// Whole hours before the running one that are read with it.
const FRESH_HOURS: i64 = 2;
/// How often the last days are read, whether or not anything is known to have come.
const LATE: TimeDelta = TimeDelta::minutes(10);
/// Which days those are: today and so many before.
const LATE_DAYS: i64 = 2;
/// A day that goes on changing is read again after so many times as long as reading it took …
const REST: u32 = 300;
/// … and after this at the latest.
const REST_MAX: TimeDelta = TimeDelta::minutes(5);

/// The figures. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Regions {
    pub(crate) db: Db,
    known: Arc<Mutex<Known>>,
    shown: Arc<RwLock<Option<Shown>>>,
}

/// What pages read: never held up by the reading of the store.
#[derive(Debug, Clone)]
struct Shown {
    month: Arc<Month>,
    verified: Arc<VerifiedRegions>,
}

#[derive(Debug, Default)]
struct Known {
    hours: Hours,
    /// When the newest hours were last read.
    fresh: Option<DateTime<Utc>>,
    /// By days since 1970: how many events there were when that was last asked …
    events: BTreeMap<i64, i64>,
    /// … and what is known of those that have been read.
    days: BTreeMap<i64, Day>,
}

#[derive(Debug, Clone, Copy)]
struct Day {
    /// How many events it had before it was read.
    events: i64,
    read: DateTime<Utc>,
    /// How long to let it be although it changed.
    rest: TimeDelta,
}

enum Next {
    Fresh,
    Day(i64),
    Nothing,
}

impl Regions {
    /// Over a store, of which nothing is read yet.
    pub fn new(db: Db) -> Self {
        Self { db, known: Arc::default(), shown: Arc::default() }
    }

    /// The figures of the last 30 days, in microseconds.
    pub fn month(&self) -> Arc<Month> {
        self.shown().month
    }

    /// Where users verified in the last 90 days, in microseconds.
    pub fn verified(&self) -> Arc<VerifiedRegions> {
        self.shown().verified
    }

    /// Looks at what is known by the hour; whoever reads the store waits meanwhile.
    pub fn with_hours<T>(&self, look: impl FnOnce(&Hours) -> T) -> T {
        look(&self.known().hours)
    }

    /// All days are due again: events were written anew.
    pub(crate) fn read_again(&self) {
        self.known().days.values_mut().for_each(|day| day.events = -1);
    }

    /// Reads at most one piece of the store that is due: the newest hours, or one day.
    ///
    /// # Errors
    /// When the store refuses; the piece is due again at once.
    pub async fn step(&self) -> Result<Progress, Error> {
        let now = self.db.clock.now();
        let next = self.known().next(now);
        match next {
            Next::Nothing => return Ok(Progress::Idle),
            Next::Fresh => self.read_fresh(now).await?,
            Next::Day(day) => self.read_day(day, now).await?,
        }
        self.show(now);
        Ok(Progress::Worked)
    }

    /// Reads whatever has changed, however lately it was read: whoever is about to tell of
    /// something strange makes sure first that it is not an import halfway through.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn settle(&self) -> Result<(), Error> {
        let now = self.db.clock.now();
        self.read_fresh(now).await?;
        let changed = self.known().changed(now);
        for day in changed {
            self.read_day(day, now).await?;
        }
        self.show(now);
        Ok(())
    }

    async fn read_fresh(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let first = hour_start(Hours::first_day(now) * 24);
        // Before the hours: whatever comes after this count is told by the next.
        let events = store::regions::events_by_day(self.db.read(), first).await?;
        let (from, to) = (hour_of(now) - FRESH_HOURS, hour_of(now) + 1);
        let counted =
            store::regions::counted(self.db.read(), hour_start(from), hour_start(to)).await?;
        let mut known = self.known();
        known.events = events;
        known.hours.put(from, to, counted);
        known.fresh = Some(now);
        Ok(())
    }

    async fn read_day(&self, day: i64, now: DateTime<Utc>) -> Result<(), Error> {
        let events = self.known().events.get(&day).copied().unwrap_or_default();
        let begun = Instant::now();
        let (from, to) = (day * 24, day * 24 + 24);
        let counted =
            store::regions::counted(self.db.read(), hour_start(from), hour_start(to)).await?;
        let rest = TimeDelta::from_std(begun.elapsed() * REST).unwrap_or(REST_MAX).min(REST_MAX);
        let mut known = self.known();
        known.hours.put(from, to, counted);
        known.days.insert(day, Day { events, read: now, rest });
        Ok(())
    }

    /// Makes what pages read of what is known.
    fn show(&self, now: DateTime<Utc>) {
        let mut known = self.known();
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
        let shown = Shown { month: Arc::new(month), verified: Arc::new(verified) };
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Some(shown);
    }

    fn shown(&self) -> Shown {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner).clone();
        shown.unwrap_or_else(|| {
            let as_of = self.db.clock.now();
            let from = hour_start(Hours::month_begin(as_of));
            let month = Month { from, as_of, loading: true, rows: Vec::new() };
            let verified = VerifiedRegions { as_of, loading: true, rows: Vec::new() };
            Shown { month: Arc::new(month), verified: Arc::new(verified) }
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// What is due, the newest hours before everything else. After a clock went back, whatever was
    /// read after what is now the present is due.
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

    /// The days that have other events than when they were read, or were never read.
    fn changed(&self, now: DateTime<Utc>) -> Vec<i64> {
        let same = |day: &i64| {
            self.days.get(day).is_some_and(|known| known.events == self.events_of(*day))
        };
        (Hours::first_day(now)..=today(now)).filter(|day| !same(day)).collect()
    }

    fn events_of(&self, day: i64) -> i64 {
        self.events.get(&day).copied().unwrap_or_default()
    }

    /// Whether a day from this one on has never been read.
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
