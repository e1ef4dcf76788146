//! Counts attempts by one of their values.

use chrono::{DateTime, Utc};
use domain::attempts::Attempt;
use domain::region_figures::Figures;
use std::collections::HashMap;
use std::hash::Hash;

/// Most rows shown of a list.
pub const ROWS: usize = 20;

/// Attempts with the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueCount<T> {
    /// The value.
    pub what: T,
    /// Outcomes of its attempts, without their cost.
    pub figures: Figures,
    /// Start of the newest attempt with this value.
    pub last: DateTime<Utc>,
}

/// Values of some attempts, most frequent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<T> {
    /// The most frequent values, at most [`ROWS`]; of equally frequent ones the latest first.
    pub rows: Vec<ValueCount<T>>,
    /// Total number of different values.
    pub all: usize,
}

impl<T> Tally<T> {
    /// Converts the values.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Tally<U> {
        let one = |row: ValueCount<T>| ValueCount {
            what: change(row.what),
            figures: row.figures,
            last: row.last,
        };
        Tally { rows: self.rows.into_iter().map(one).collect(), all: self.all }
    }
}

/// All figures of some attempts, including their cost.
pub(crate) fn figures(attempts: &[Attempt]) -> Figures {
    let mut figures = Figures::default();
    for attempt in attempts {
        figures.count(attempt.outcome, 1);
        if let Some((currency, amount)) = attempt.cost.value() {
            figures.spend(currency, *amount);
        }
    }
    figures
}

/// Counts attempts by a value; attempts without one are left out.
pub(crate) fn tally<T: Eq + Hash + Ord + Clone>(
    attempts: &[Attempt],
    of: impl Fn(&Attempt) -> Option<T>,
) -> Tally<T> {
    let mut found: HashMap<T, (Figures, DateTime<Utc>)> = HashMap::new();
    for attempt in attempts {
        let Some(what) = of(attempt) else { continue };
        let (figures, last) =
            found.entry(what).or_insert_with(|| (Figures::default(), attempt.time));
        figures.count(attempt.outcome, 1);
        *last = (*last).max(attempt.time);
    }
    let all = found.len();
    let mut rows: Vec<ValueCount<T>> = found
        .into_iter()
        .map(|(what, (figures, last))| ValueCount { what, figures, last })
        .collect();
    rows.sort_unstable_by(|a, b| {
        let order = |row: &ValueCount<T>| (row.figures.attempts, row.last);
        order(b).cmp(&order(a)).then_with(|| a.what.cmp(&b.what))
    });
    rows.truncate(ROWS);
    Tally { rows, all }
}
