//! Figures hour by hour of the last 30 days, and of 90 days what is needed of them.

use super::{Counted, Figures, Row};
use crate::{Channel, Region};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Days that are known by the hour.
const MONTH: i64 = 30;
/// Days that are known at all.
pub const DAYS: i64 = 90;

/// Hours since 1970, UTC.
pub fn hour_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(3_600)
}

/// When an hour begins.
pub fn hour_start(hour: i64) -> DateTime<Utc> {
    // Hours come from times and lie a few months from them at most.
    DateTime::from_timestamp(hour * 3_600, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

type Cells = BTreeMap<(Region, Channel), Figures>;

/// Figures by hour, region and channel. Holds whatever it is given; [`Hours::forget`] keeps it
/// small.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    hours: BTreeMap<i64, Cells>,
    /// Days before the month: who verified where. A region of which there were attempts and none
    /// verified stands here with 0.
    old: BTreeMap<i64, BTreeMap<Region, u64>>,
}

impl Hours {
    /// The first hour of the 30 days that end in an hour.
    pub fn month_begin(now: DateTime<Utc>) -> i64 {
        hour_of(now) - MONTH * 24
    }

    /// The first of the days that are known, as days since 1970.
    pub fn first_day(now: DateTime<Utc>) -> i64 {
        hour_of(now).div_euclid(24) - DAYS
    }

    /// Puts what was counted of the hours from `from` to before `to` in the place of what is
    /// known of them. Of a day before the month only the whole of it can be put anew.
    pub fn put(&mut self, from: i64, to: i64, counted: impl IntoIterator<Item = Counted>) {
        self.hours.retain(|hour, _| !(from..to).contains(hour));
        self.old.retain(|day, _| !(from..to).contains(&(day * 24)));
        for one in counted.into_iter().filter(|one| (from..to).contains(&one.hour)) {
            let cells = self.hours.entry(one.hour).or_default();
            let figures = cells.entry((one.region, one.channel)).or_default();
            figures.count(one.outcome, one.n);
            if let Some((currency, amount)) = &one.cost {
                figures.spend(currency, *amount);
            }
        }
    }

    /// Keeps of the days before the month only what is needed of them, and nothing of what was
    /// before the 90 days.
    pub fn forget(&mut self, now: DateTime<Utc>) {
        let month = Self::month_begin(now).div_euclid(24) * 24;
        let kept = self.hours.split_off(&month);
        for (hour, cells) in std::mem::replace(&mut self.hours, kept) {
            let day = self.old.entry(hour.div_euclid(24)).or_default();
            for ((region, _), figures) in cells {
                *day.entry(region).or_default() += figures.verified;
            }
        }
        self.old = self.old.split_off(&Self::first_day(now));
    }

    /// The figures of the last 30 days, by region, then channel.
    pub fn month(&self, now: DateTime<Utc>) -> Vec<Row> {
        let mut sums: Cells = BTreeMap::new();
        for cells in self.hours.range(Self::month_begin(now)..=hour_of(now)).map(|(_, cells)| cells)
        {
            for (cell, figures) in cells {
                sums.entry(*cell).or_default().add(figures);
            }
        }
        let row = |((region, channel), figures)| Row { region, channel, figures };
        sums.into_iter().map(row).collect()
    }

    /// How many verified in each region in all the days that are known; only regions where some
    /// did.
    pub fn verified(&self) -> Vec<(Region, u64)> {
        let mut sums: BTreeMap<Region, u64> = BTreeMap::new();
        for (region, n) in self.old.values().flatten() {
            *sums.entry(*region).or_default() += n;
        }
        for ((region, _), figures) in self.hours.values().flatten() {
            *sums.entry(*region).or_default() += figures.verified;
        }
        sums.into_iter().filter(|(_, n)| *n > 0).collect()
    }

    /// The figures of the hours from `from` to before `to`, by region, over all channels.
    pub fn between(&self, from: i64, to: i64) -> BTreeMap<Region, Figures> {
        self.sums(from, to, |_| true)
    }

    /// The same over the channels that carry codes: all but push.
    pub(crate) fn codes_between(&self, from: i64, to: i64) -> BTreeMap<Region, Figures> {
        self.sums(from, to, |channel| channel != Channel::Push)
    }

    fn sums(&self, from: i64, to: i64, of: fn(Channel) -> bool) -> BTreeMap<Region, Figures> {
        let mut sums: BTreeMap<Region, Figures> = BTreeMap::new();
        let cells = self.hours.range(from..to.max(from)).flat_map(|(_, cells)| cells);
        for ((region, _), figures) in cells.filter(|((_, channel), _)| of(*channel)) {
            sums.entry(*region).or_default().add(figures);
        }
        sums
    }

    /// One region's figures of one hour, over all channels.
    pub fn at(&self, hour: i64, region: Region) -> Figures {
        let mut sum = Figures::default();
        for ((_, _), figures) in
            self.hours.get(&hour).into_iter().flatten().filter(|((of, _), _)| *of == region)
        {
            sum.add(figures);
        }
        sum
    }

    /// The first hour of which anything is known; of a day before the month its first hour.
    pub fn first(&self) -> Option<i64> {
        let old = self.old.iter().find(|(_, regions)| !regions.is_empty());
        let hour = self.hours.iter().find(|(_, cells)| !cells.is_empty());
        old.map(|(day, _)| day * 24).or(hour.map(|(hour, _)| *hour))
    }

    /// The regions of which there were attempts before an hour.
    pub fn regions_before(&self, hour: i64) -> BTreeSet<Region> {
        let old = self.old.values().flatten().map(|(region, _)| *region);
        let cells = self.hours.range(..hour).flat_map(|(_, cells)| cells.keys());
        old.chain(cells.map(|(region, _)| *region)).collect()
    }
}
