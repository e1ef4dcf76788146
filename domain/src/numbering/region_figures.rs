//! Outcomes of attempts by region and channel: codes sent, verified, failed and refused, and their
//! cost.
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
//! *Sent* means that a code was sent or that a provider tried: `failed` counts as in the gate's
//! limits. A provider that reports `blocked` sent nothing; a user who reports or denies a sign-in
//! was reached. *Unsettled* attempts were requested or allowed by the gate, and no source has
//! reported on them since. *Failed* counts attempts here; tiles and reports of failures count
//! events.

mod hours;

use crate::events::Kind;
use crate::{Channel, Region};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub use hours::{DAYS, Hours, hour_of, hour_start};

/// Counts of attempts by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// All of them, including refused and unsettled ones.
    pub attempts: u64,
    /// Codes that were sent or tried.
    pub sent: u64,
    /// The user entered the code.
    pub verified: u64,
    /// The verification failed.
    pub failed: u64,
    /// Refused by the gate.
    pub refused: u64,
    /// Requested, without any later event.
    pub unsettled: u64,
    /// Total cost by currency code, one entry per currency.
    pub cost: Vec<(String, Decimal)>,
}

impl Figures {
    /// Adds `n` attempts of one outcome.
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

    /// Adds a cost. On overflow the sum stays at the maximum.
    pub fn spend(&mut self, currency: &str, amount: Decimal) {
        match self.cost.binary_search_by(|(known, _)| known.as_str().cmp(currency)) {
            Ok(at) => self.cost[at].1 = self.cost[at].1.saturating_add(amount),
            Err(at) => self.cost.insert(at, (currency.to_owned(), amount)),
        }
    }

    /// Adds another set of figures.
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

    /// `verified` / `sent`, 0 to 1; `None` if nothing was sent.
    pub fn rate(&self) -> Option<f64> {
        rate(self.sent, self.verified)
    }

    /// Cost per verified attempt by currency, to a hundredth of a cent; empty if none verified.
    pub fn per_verified(&self) -> Vec<(String, Decimal)> {
        per_verified(&self.cost, self.verified)
    }

    /// Codes sent or allowed, including those of applications that ask the gate while no provider
    /// reports. Surge and conversion alerts count these.
    pub(crate) fn let_go(&self) -> u64 {
        self.sent + self.unsettled
    }
}

pub(crate) fn rate(sent: u64, verified: u64) -> Option<f64> {
    (sent > 0).then(|| verified as f64 / sent as f64)
}

pub(crate) fn per_verified(cost: &[(String, Decimal)], verified: u64) -> Vec<(String, Decimal)> {
    let share = |(currency, amount): &(String, Decimal)| {
        let share = amount.checked_div(Decimal::from(verified))?.round_dp(4);
        Some((currency.clone(), share))
    };
    cost.iter().filter_map(share).collect()
}

/// The attempts that began in one hour and had one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCount {
    /// In hours since 1970; see [`hour_of`].
    pub hour: i64,
    /// The region of the attempts' numbers.
    pub region: Region,
    /// The channel of the attempts.
    pub channel: Channel,
    /// Their outcome.
    pub outcome: Kind,
    /// Number of attempts.
    pub n: u64,
    /// Currency and amount; `None` for attempts without a cost, which are counted separately.
    pub cost: Option<(String, Decimal)>,
}

/// A region's figures for one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The region of the attempts' numbers.
    pub region: Region,
    /// The channel of the attempts.
    pub channel: Channel,
    /// Summed over the range.
    pub figures: Figures,
}

/// All regions' figures of the last 30 days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Start of the first hour: 30 days before the current hour.
    pub from: DateTime<Utc>,
    /// Time of the last update. Attempts older than an hour may have been counted up to 10 minutes
    /// before.
    pub as_of: DateTime<Utc>,
    /// The store is still being read after the start, so figures are incomplete.
    pub loading: bool,
    /// By region, then channel. Attempts without a number are not included.
    pub rows: Vec<Row>,
}

impl Month {
    /// A region's figures for one channel; zeros if there are none.
    pub fn of(&self, region: Region, channel: Channel) -> Figures {
        let at =
            self.rows.binary_search_by_key(&(region, channel), |row| (row.region, row.channel));
        at.ok().and_then(|at| self.rows.get(at)).map(|row| row.figures.clone()).unwrap_or_default()
    }
}

/// The regions with verified attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRegions {
    /// Time of the last update.
    pub as_of: DateTime<Utc>,
    /// The store is still being read after the start, so regions may be missing.
    pub loading: bool,
    /// Regions with at least one verified attempt in the last 90 days and their number, by region.
    pub rows: Vec<(Region, u64)>,
}

#[cfg(test)]
mod tests;
