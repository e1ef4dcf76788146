//! One page of the table.

use super::By;
use super::line::{Cost, KeyCounts, Keys};
use super::order::{Column, Order, compare, sort_by_cost};
use crate::region_figures::per_verified;
use crate::regions;

/// Fewest sends for a meaningful rate.
const FEWEST: u64 = 20;

/// The rows to return.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRowsQuery {
    /// Only keys (or names of regions) that contain this, ignoring case; empty for all.
    pub search: String,
    /// More keys that match the search, because of their display names.
    pub also: Vec<String>,
    /// The sort order.
    pub order: Order,
    /// Rows to skip.
    pub offset: usize,
    /// Most rows to return.
    pub limit: usize,
}

impl KeyRowsQuery {
    /// Every row, in the default order.
    pub fn all() -> Self {
        Self { limit: usize::MAX, ..Self::default() }
    }
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRow {
    /// The key as in the report; empty where attempts have none.
    pub key: String,
    /// The key's counts.
    pub line: KeyCounts,
    /// The cost of its attempts.
    pub cost: Cost,
    /// Whether it has enough volume for a meaningful rate: see [`KeyRows::enough`].
    pub enough: bool,
}

impl PageRow {
    /// The cost per verified user, to four decimals; empty when nobody verified.
    pub fn per_verified(&self) -> Cost {
        per_verified(&self.cost, self.line.verified)
    }
}

/// A page of rows, with totals.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyRows {
    /// The rows of the page.
    pub rows: Vec<PageRow>,
    /// How many keys match the search.
    pub matching: u64,
    /// How many keys there are without the search.
    pub rows_in_all: u64,
    /// Fewest sends for a meaningful rate: see [`min_sends`].
    pub enough: u64,
    /// The most sends of any key, which scales the bars.
    pub largest: u64,
    /// The counts of all keys; its `id` is meaningless.
    pub total: KeyCounts,
    /// The cost of all keys.
    pub cost: Cost,
}

/// A key as displayed and searched: a region with its name.
pub fn label(by: By, key: &str) -> String {
    match key.parse().ok().filter(|_| by == By::Region).and_then(regions::info) {
        Some(info) => format!("{} ({key})", info.name),
        None => key.to_owned(),
    }
}

/// Fewest sends for a meaningful rate: at least 20, and a hundredth of all sends (a thousandth for
/// prefixes, carriers and networks, which are many).
pub fn min_sends(by: By, sent: u64) -> u64 {
    let share = if matches!(by, By::Prefix | By::Carrier | By::Ip) { 1_000 } else { 100 };
    sent.div_ceil(share).max(FEWEST)
}

/// Sorts keys and returns one page of them.
pub fn key_rows(
    mut lines: Vec<KeyCounts>,
    keys: &impl Keys,
    by: By,
    part: &KeyRowsQuery,
) -> KeyRows {
    let mut total = KeyCounts::default();
    lines.iter().for_each(|line| total.add(line));
    let enough = min_sends(by, total.sent);
    let mut out = KeyRows {
        rows_in_all: lines.len() as u64,
        largest: lines.iter().map(|line| line.sent).max().unwrap_or(0),
        enough,
        total,
        cost: keys.total(),
        ..KeyRows::default()
    };
    let search = part.search.trim().to_lowercase();
    if !search.is_empty() {
        lines.retain(|line| {
            let key = keys.key(line.id);
            label(by, &key).to_lowercase().contains(&search) || part.also.contains(&key)
        });
    }
    out.matching = lines.len() as u64;
    let end = part.offset.saturating_add(part.limit).min(lines.len());
    match part.order.column {
        Some(Column::Key) => {
            lines.sort_by_cached_key(|line| keys.key(line.id));
            if part.order.reversed {
                lines.reverse();
            }
        }
        Some(column @ (Column::Cost | Column::PerVerified)) => {
            let total = &out.cost;
            sort_by_cost(&mut lines, keys, total, column, part.order.reversed);
        }
        _ => {
            let order = |a: &KeyCounts, b: &KeyCounts| {
                compare(a, b, part.order, enough).then_with(|| keys.key(a.id).cmp(&keys.key(b.id)))
            };
            if end < lines.len() && end > 0 {
                // Only the rows up to the end of the page need sorting.
                lines.select_nth_unstable_by(end - 1, order);
                lines.truncate(end);
            }
            lines.sort_unstable_by(order);
        }
    }
    let row = |line: KeyCounts| PageRow {
        key: keys.key(line.id),
        cost: keys.cost(line.id),
        enough: line.sent >= enough,
        line,
    };
    out.rows = lines.into_iter().take(end).skip(part.offset).map(row).collect();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    struct Known(Vec<(&'static str, Option<i64>)>);

    impl Keys for Known {
        fn key(&self, id: u32) -> String {
            self.0[id as usize].0.to_owned()
        }

        fn cost(&self, id: u32) -> Cost {
            let cents = self.0[id as usize].1;
            cents.map(|cents| ("EUR".to_owned(), Decimal::new(cents, 2))).into_iter().collect()
        }

        fn total(&self) -> Cost {
            vec![("EUR".to_owned(), Decimal::new(self.0.iter().filter_map(|key| key.1).sum(), 2))]
        }
    }

    fn known() -> (Known, Vec<KeyCounts>) {
        let rows = [
            ("US", Some(3_000), 1_000, 900, 900, 1_000),
            ("LV", Some(9_000), 300, 3, 90, 100),
            ("DE", None, 200, 180, 0, 0),
            ("FR", Some(10), 19, 0, 10, 10),
            ("", None, 0, 0, 0, 0),
        ];
        let lines = (0..).zip(rows).map(|(id, row)| KeyCounts {
            id,
            sent: row.2,
            verified: row.3,
            failed: row.2 - row.3,
            refused: 1,
            verified_before: row.4,
            sent_before: row.5,
        });
        let lines = lines.collect();
        (Known(rows.iter().map(|row| (row.0, row.1)).collect()), lines)
    }

    fn keys(order: Order) -> Vec<String> {
        let (known, lines) = known();
        let part = KeyRowsQuery { order, ..KeyRowsQuery::all() };
        let rows = key_rows(lines, &known, By::Region, &part).rows;
        rows.into_iter().map(|row| row.key).collect()
    }

    #[test]
    fn the_least_converting_with_enough_volume_stands_first() {
        let (known, lines) = known();
        let rows = key_rows(lines, &known, By::Region, &KeyRowsQuery::all());
        let told: Vec<_> = rows.rows.iter().map(|row| (row.key.as_str(), row.enough)).collect();
        // A hundredth of 1,519 sends is 16, so the minimum of 20 applies. France lacks one.
        assert_eq!(told, [("LV", true), ("US", true), ("DE", true), ("FR", false), ("", false)]);
        assert_eq!((rows.enough, rows.total.sent, rows.largest), (20, 1_519, 1_000));
        assert_eq!(rows.cost, [("EUR".to_owned(), Decimal::new(12_010, 2))]);
        let latvia = &rows.rows[0];
        assert_eq!(latvia.line.change().map(f64::round), Some(-89.0));
        assert_eq!(latvia.per_verified(), [("EUR".to_owned(), Decimal::from(30))]);
        assert_eq!(rows.rows[2].line.change(), None, "nothing was sent there before");
        assert_eq!(rows.rows[3].per_verified(), [], "nobody verified");
    }

    #[test]
    fn every_column_has_an_order_and_its_reverse() {
        for (column, falling, rising) in [
            (Column::Key, ["", "DE", "FR", "LV", "US"], ["US", "LV", "FR", "DE", ""]),
            (Column::Sent, ["US", "LV", "DE", "FR", ""], ["", "FR", "DE", "LV", "US"]),
            (Column::Verified, ["US", "DE", "LV", "", "FR"], ["", "FR", "LV", "DE", "US"]),
            // Rows without a value come last both times; equal ones are ordered by volume.
            (Column::Rate, ["FR", "LV", "US", "DE", ""], ["US", "DE", "LV", "FR", ""]),
            (Column::Cost, ["LV", "US", "FR", "", "DE"], ["FR", "US", "LV", "", "DE"]),
            (Column::PerVerified, ["LV", "US", "", "DE", "FR"], ["US", "LV", "", "DE", "FR"]),
            (Column::Change, ["FR", "LV", "US", "DE", ""], ["US", "LV", "FR", "DE", ""]),
        ] {
            let order = |reversed| Order { column: Some(column), reversed };
            assert_eq!(keys(order(false)), falling, "{column}");
            assert_eq!(keys(order(true)), rising, "{column} turned round");
        }
    }

    #[test]
    fn pages_and_searches() {
        let (known, lines) = known();
        let part = |search: &str, offset, limit| KeyRowsQuery {
            search: search.to_owned(),
            offset,
            limit,
            ..KeyRowsQuery::default()
        };
        let cut = |part: KeyRowsQuery| key_rows(lines.clone(), &known, By::Region, &part);
        let found: Vec<_> = cut(part("", 1, 2)).rows.into_iter().map(|row| row.key).collect();
        assert_eq!(found, ["US", "DE"]);
        let named = cut(part(" latv", 0, 9));
        assert_eq!((named.matching, named.rows_in_all), (1, 5));
        assert_eq!(named.rows[0].key, "LV");
        let also = KeyRowsQuery { also: vec!["US".to_owned()], ..part("latv", 0, 9) };
        assert_eq!(cut(also).matching, 2);
        assert_eq!(cut(part("", 9, 9)).rows, []);
        assert_eq!(
            key_rows(Vec::new(), &Known(Vec::new()), By::Ip, &KeyRowsQuery::all()).matching,
            0
        );
    }
}
