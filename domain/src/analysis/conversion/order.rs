//! The columns of the table and its sort orders.

use super::line::{Cost, KeyCounts, Keys};
use crate::events::words;
use crate::region_figures::per_verified;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};

words! {
    /// The columns of the table.
    Column {
        /// What attempts are grouped by; ascending.
        Key = "key",
        /// Codes sent; descending.
        Sent = "sent",
        /// Codes verified; descending.
        Verified = "verified",
        /// Share verified; ascending, so that the worst come first.
        Rate = "rate",
        /// Cost; descending, by amount in the first currency code, then the next.
        Cost = "cost",
        /// Cost per verified user; descending.
        PerVerified = "cost-per-verified",
        /// Change of the rate; ascending, so that the deepest falls come first.
        Change = "change",
    }
}

/// The order of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Order {
    /// `None`: the worst rates of those with enough volume, then the others by volume.
    pub column: Option<Column>,
    /// Reverses the column's order; rows without a value stay last.
    pub reversed: bool,
}

impl Column {
    /// Whether the column sorts ascending unless reversed.
    pub fn rises(self) -> bool {
        matches!(self, Self::Key | Self::Rate | Self::Change)
    }
}

/// Sorts by amounts in the order of currency codes; rows without any come last.
pub(super) fn sort_by_cost(
    lines: &mut [KeyCounts],
    keys: &impl Keys,
    total: &Cost,
    column: Column,
    reversed: bool,
) {
    let amounts = |line: &KeyCounts| -> Vec<Decimal> {
        let cost = keys.cost(line.id);
        let cost = if column == Column::Cost { cost } else { per_verified(&cost, line.verified) };
        if cost.is_empty() {
            return Vec::new();
        }
        let of = |currency: &str| cost.iter().find(|(known, _)| known == currency);
        let amount = |currency: &str| of(currency).map(|(_, amount)| *amount).unwrap_or_default();
        total.iter().map(|(currency, _)| amount(currency)).collect()
    };
    if reversed {
        lines.sort_by_cached_key(|line| {
            let amounts = amounts(line);
            (amounts.is_empty(), amounts, keys.key(line.id))
        });
    } else {
        lines.sort_by_cached_key(|line| (Reverse(amounts(line)), keys.key(line.id)));
    }
}

pub(super) fn compare(a: &KeyCounts, b: &KeyCounts, order: Order, enough: u64) -> Ordering {
    let turned = |ordering: Ordering| if order.reversed { ordering.reverse() } else { ordering };
    // Rows without a value stay last, whatever the direction.
    let valued = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => turned(a.total_cmp(&b)),
        _ => b.is_some().cmp(&a.is_some()),
    };
    let most_sent = || b.sent.cmp(&a.sent);
    match order.column {
        None => {
            let (a_enough, b_enough) = (a.sent >= enough, b.sent >= enough);
            let by_rate = || match a_enough && b_enough {
                true => valued(a.rate(), b.rate()),
                false => Ordering::Equal,
            };
            b_enough.cmp(&a_enough).then_with(by_rate).then_with(most_sent)
        }
        Some(Column::Sent) => turned(most_sent()),
        Some(Column::Verified) => turned(b.verified.cmp(&a.verified)),
        Some(Column::Rate) => valued(a.rate(), b.rate()).then_with(most_sent),
        Some(Column::Change) => valued(a.change(), b.change()).then_with(most_sent),
        Some(Column::Key | Column::Cost | Column::PerVerified) => Ordering::Equal,
    }
}
