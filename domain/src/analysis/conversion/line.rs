//! The counts and costs of one key (a region, prefix, flow …).

use crate::region_figures::rate;
use rust_decimal::Decimal;

/// One key's counts; the key's text is looked up later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyCounts {
    /// The key's number: see [`Keys`].
    pub id: u32,
    /// Codes sent.
    pub sent: u64,
    /// Codes sent and verified.
    pub verified: u64,
    /// Attempts that ended in a failure.
    pub failed: u64,
    /// Attempts that the gate refused.
    pub refused: u64,
    /// Codes sent in the previous period.
    pub sent_before: u64,
    /// Codes sent and verified in the previous period.
    pub verified_before: u64,
}

impl KeyCounts {
    /// Share of codes verified, 0 to 1; `None` when nothing was sent.
    pub fn rate(&self) -> Option<f64> {
        rate(self.sent, self.verified)
    }

    /// The rate's change since the previous period, in points (-100 to 100); `None` when either has
    /// no rate.
    pub fn change(&self) -> Option<f64> {
        let before = rate(self.sent_before, self.verified_before)?;
        Some((self.rate()? - before) * 100.0)
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.verified += other.verified;
        self.failed += other.failed;
        self.refused += other.refused;
        self.sent_before += other.sent_before;
        self.verified_before += other.verified_before;
    }
}

/// Amounts by currency code.
pub type Cost = Vec<(String, Decimal)>;

/// Texts and costs of keys, computed on demand.
pub trait Keys {
    /// The key as in the report; empty where attempts have none.
    fn key(&self, id: u32) -> String;
    /// The cost of its attempts.
    fn cost(&self, id: u32) -> Cost;
    /// The cost of all attempts.
    fn total(&self) -> Cost;
}
