//! Hourly figures of the last 30 days, and a summary of 90 days.

use super::{Figures, HourCount, Row};
use crate::{Channel, Region};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// Days kept by the hour.
const MONTH: i64 = 30;
/// Days kept in all.
pub const DAYS: i64 = 90;

/// Hours since 1970, UTC.
pub fn hour_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(3_600)
}

/// Start of an hour counted since 1970.
pub fn hour_start(hour: i64) -> DateTime<Utc> {
    // Hours come from times and are at most a few months away from them.
    DateTime::from_timestamp(hour * 3_600, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

type Cells = BTreeMap<(Region, Channel), Figures>;

/// Figures by hour, region and channel. Keeps everything until [`Hours::forget`] drops it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hours {
    hours: BTreeMap<i64, Cells>,
    /// Days before the last 30: verified attempts by region. 0 for a region with attempts but none
    /// verified.
    old: BTreeMap<i64, BTreeMap<Region, u64>>,
}

impl Hours {
    /// The first hour of the 30 days that end now.
    pub fn month_begin(now: DateTime<Utc>) -> i64 {
        hour_of(now) - MONTH * 24
    }

    /// The first day kept, in days since 1970.
    pub fn first_day(now: DateTime<Utc>) -> i64 {
        hour_of(now).div_euclid(24) - DAYS
    }

    /// Replaces the figures of the hours `from` ≤ h < `to`. Days before the last 30 can only be
    /// replaced as a whole.
    pub fn put(&mut self, from: i64, to: i64, counted: impl IntoIterator<Item = HourCount>) {
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

    /// Reduces days before the last 30 to their summary, and drops those before the 90 days.
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

    /// Figures of the last 30 days, by region, then channel.
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

    /// Verified attempts by region over all days kept; only regions with some.
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

    /// Figures of the hours `from` ≤ h < `to` by region, over all channels.
    pub fn between(&self, from: i64, to: i64) -> BTreeMap<Region, Figures> {
        self.sums(from, to, |_| true)
    }

    /// As [`Self::between`], over the channels that carry codes: all but push.
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

    /// A region's figures in one hour, over all channels.
    pub fn at(&self, hour: i64, region: Region) -> Figures {
        let mut sum = Figures::default();
        let cells = self.hours.get(&hour).into_iter().flatten();
        cells.filter(|((of, _), _)| *of == region).for_each(|(_, figures)| sum.add(figures));
        sum
    }

    /// The first hour with data; for a summarised day, its first hour.
    pub fn first(&self) -> Option<i64> {
        let old = self.old.iter().find(|(_, regions)| !regions.is_empty());
        let hour = self.hours.iter().find(|(_, cells)| !cells.is_empty());
        old.map(|(day, _)| day * 24).or(hour.map(|(hour, _)| *hour))
    }

    /// Regions with attempts before an hour.
    pub fn regions_before(&self, hour: i64) -> BTreeSet<Region> {
        let old = self.old.values().flatten().map(|(region, _)| *region);
        let cells = self.hours.range(..hour).flat_map(|(_, cells)| cells.keys());
        old.chain(cells.map(|(region, _)| *region)).collect()
    }
}
