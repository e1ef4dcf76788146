//! What became of attempts, region by region and channel by channel: codes sent, verified, failed
//! and refused, and what they cost.
//!
//! An attempt counts once, by its outcome (contract, section 1), at the time of its earliest
//! event:
//!
//! | outcome | sent | verified | failed | refused | unsettled |
//! |---|---|---|---|---|---|
//! | `sent` `delivered` | 1 | | | | |
//! | `verified` | 1 | 1 | | | |
//! | `failed` `expired` `undelivered` | 1 | | 1 | | |
//! | `reported` `denied` | 1 | | | | |
//! | `blocked` | | | 1 | | |
//! | `refused` | | | | 1 | |
//! | `requested` `prompted` `approved` | | | | | 1 |
//!
//! So *sent* means that a code went out, or that a provider tried: `failed` counts as in the
//! gate's limits. A provider that says `blocked` sent nothing. Who reports or denies a sign-in
//! was reached by it. *Unsettled* are attempts that were asked for or let go by the gate and of
//! which no source has told anything since. *Failed* here counts attempts; tiles and reports of
//! failures count events.

mod hours;

use crate::events::Kind;
use crate::{Channel, Region};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub use hours::{DAYS, Hours, hour_of, hour_start};

/// What became of some attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// All attempts.
    pub attempts: u64,
    /// Codes went out, or were tried.
    pub sent: u64,
    /// The user proved to hold the number.
    pub verified: u64,
    /// Attempts that ended in a failure.
    pub failed: u64,
    /// Attempts that the gate refused.
    pub refused: u64,
    /// Asked for, and nothing is known since.
    pub unsettled: u64,
    /// What they cost: an amount for each currency, by its code.
    pub cost: Vec<(String, Decimal)>,
}

impl Figures {
    /// Counts `n` attempts of one outcome.
    pub fn count(&mut self, outcome: Kind, n: u64) {
        self.attempts += n;
        match outcome {
            Kind::Sent | Kind::Delivered | Kind::Reported | Kind::Denied => self.sent += n,
            Kind::Verified => {
                self.sent += n;
                self.verified += n;
            }
            Kind::Failed | Kind::Expired | Kind::Undelivered => {
                self.sent += n;
                self.failed += n;
            }
            Kind::Blocked => self.failed += n,
            Kind::Refused => self.refused += n,
            Kind::Requested | Kind::Prompted | Kind::Approved => self.unsettled += n,
        }
    }

    /// Adds what some attempts cost. A sum beyond what can be told stays the largest.
    pub fn spend(&mut self, currency: &str, amount: Decimal) {
        match self.cost.binary_search_by(|(known, _)| known.as_str().cmp(currency)) {
            Ok(at) => self.cost[at].1 = self.cost[at].1.saturating_add(amount),
            Err(at) => self.cost.insert(at, (currency.to_owned(), amount)),
        }
    }

    /// Adds other attempts' figures.
    pub fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.sent += other.sent;
        self.verified += other.verified;
        self.failed += other.failed;
        self.refused += other.refused;
        self.unsettled += other.unsettled;
        for (currency, amount) in &other.cost {
            self.spend(currency, *amount);
        }
    }

    /// Verified of those sent, 0 to 1; none when nothing was sent.
    pub fn rate(&self) -> Option<f64> {
        (self.sent > 0).then(|| self.verified as f64 / self.sent as f64)
    }

    /// What one verified user cost, by currency, to a hundredth of a cent; nothing when nobody
    /// verified.
    pub fn per_verified(&self) -> Vec<(String, Decimal)> {
        if self.verified == 0 {
            return Vec::new();
        }
        let share = |(currency, amount): &(String, Decimal)| {
            let share = amount.checked_div(Decimal::from(self.verified))?.round_dp(4);
            Some((currency.clone(), share))
        };
        self.cost.iter().filter_map(share).collect()
    }

    /// Codes that went out or were let go: also where an application asks the gate and no
    /// provider tells what came of it. What alerts of surges and conversion count.
    pub(crate) fn let_go(&self) -> u64 {
        self.sent + self.unsettled
    }
}

/// Attempts that began in one hour and came to one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The hour, as [`hour_of`] counts.
    pub hour: i64,
    /// Of which region.
    pub region: Region,
    /// By which channel.
    pub channel: Channel,
    /// What came of them.
    pub outcome: Kind,
    /// How many.
    pub n: u64,
    /// The currency that they cost, and how much; those without a cost come apart.
    pub cost: Option<(String, Decimal)>,
}

/// Some channel's figures of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The region.
    pub region: Region,
    /// The channel.
    pub channel: Channel,
    /// The figures.
    pub figures: Figures,
}

/// Every region's figures of the last 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// The first hour's beginning: 30 days before the running hour.
    pub from: DateTime<Utc>,
    /// What had been told by then is counted; attempts of an hour ago and more may have been
    /// counted up to 10 minutes before.
    pub as_of: DateTime<Utc>,
    /// The store is being read for the first time since the start: figures are still growing.
    pub loading: bool,
    /// By region, then channel. Attempts without a number have no region and are not among them.
    pub rows: Vec<Row>,
}

impl Month {
    /// A channel's figures of a region; zeros when it has none.
    pub fn of(&self, region: Region, channel: Channel) -> Figures {
        let at =
            self.rows.binary_search_by_key(&(region, channel), |row| (row.region, row.channel));
        at.ok().and_then(|at| self.rows.get(at)).map(|row| row.figures.clone()).unwrap_or_default()
    }

    /// A region's figures over all channels.
    pub fn region(&self, region: Region) -> Figures {
        let first = self.rows.partition_point(|row| row.region < region);
        let rows = self.rows.iter().skip(first).take_while(|row| row.region == region);
        let mut sum = Figures::default();
        rows.for_each(|row| sum.add(&row.figures));
        sum
    }
}

/// Where users verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRegions {
    /// What had been told by then is counted.
    pub as_of: DateTime<Utc>,
    /// The store is being read for the first time since the start: regions may be missing.
    pub loading: bool,
    /// The regions where at least one attempt of the last 90 days verified, and how many did; by
    /// region.
    pub rows: Vec<(Region, u64)>,
}

#[cfg(test)]
mod tests;
