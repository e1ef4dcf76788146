//! A key's counts and what it cost, before it has its place in a table.

use rust_decimal::Decimal;

/// One key's counts, before it has its text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    /// Which key.
    pub id: u32,
    /// Codes sent.
    pub sent: u64,
    /// Of them verified.
    pub verified: u64,
    /// Attempts that ended in a failure.
    pub failed: u64,
    /// Attempts that the gate refused.
    pub refused: u64,
    /// Codes sent in the range before …
    pub sent_before: u64,
    /// … and of them verified.
    pub verified_before: u64,
}

impl Line {
    /// Verified of those sent, 0 to 1; none when nothing was sent.
    pub fn rate(&self) -> Option<f64> {
        rate(self.sent, self.verified)
    }

    /// How the rate changed against the range before, in points (-100 to 100); none where either
    /// has none.
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

fn rate(sent: u64, verified: u64) -> Option<f64> {
    (sent > 0).then(|| verified as f64 / sent as f64)
}

/// What some attempts cost: an amount for each currency, by its code.
pub type Cost = Vec<(String, Decimal)>;

/// A cost shared by those who verified; empty when nobody did.
pub(super) fn per_verified(cost: &Cost, verified: u64) -> Cost {
    if verified == 0 {
        return Vec::new();
    }
    let each = |amount: &Decimal| (amount / Decimal::from(verified)).round_dp(4);
    cost.iter().map(|(currency, amount)| (currency.clone(), each(amount))).collect()
}

/// Texts and costs of keys, asked for where they are wanted.
pub trait Keys {
    /// The key, as the report has it.
    fn key(&self, id: u32) -> String;
    /// What its attempts cost.
    fn cost(&self, id: u32) -> Cost;
    /// What all cost together.
    fn total(&self) -> Cost;
}
