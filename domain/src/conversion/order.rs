//! The columns of a table of keys, and its orders.

use super::line::{Cost, Keys, Line, per_verified};
use crate::events::words;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};

words! {
    /// The columns of the table.
    Column {
        /// What attempts are told apart by; rises.
        Key = "key",
        /// Codes sent; falls.
        Sent = "sent",
        /// Of them verified; falls.
        Verified = "verified",
        /// Verified of those sent; rises: the least converting stand first.
        Rate = "rate",
        /// What they cost; falls, the first currency of all by its code before the second.
        Cost = "cost",
        /// What each verified user cost; falls.
        PerVerified = "cost-per-verified",
        /// How the rate changed; rises: the deepest falls stand first.
        Change = "change",
    }
}

/// The order of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Order {
    /// `None`: the least converting of those with enough volume, then the others, most sent first.
    pub column: Option<Column>,
    /// The column's order turned round. What has no value stands last either way.
    pub reversed: bool,
}

impl Column {
    /// Whether its smallest values stand first unless the order is turned round.
    pub fn rises(self) -> bool {
        matches!(self, Self::Key | Self::Rate | Self::Change)
    }
}

/// Amounts in the order of the currencies' codes; those without any stand last.
pub(super) fn sort_by_cost(
    lines: &mut [Line],
    keys: &impl Keys,
    total: &Cost,
    column: Column,
    reversed: bool,
) {
    let amounts = |line: &Line| -> Vec<Decimal> {
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

pub(super) fn compare(a: &Line, b: &Line, order: Order, enough: u64) -> Ordering {
    let turned = |ordering: Ordering| if order.reversed { ordering.reverse() } else { ordering };
    // What has no value stands last, in whatever direction.
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
