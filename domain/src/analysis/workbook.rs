//! The workbook: tiles, filters, sorting and paging.

use crate::events::words;
use crate::roles::{Permission, Role, Scope, allows};
use crate::signins::Filter;
use crate::{Channel, Fault, Invalid, Period, PhoneNumber, Reason, Region};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::net::IpAddr;

words! {
    /// The counting tiles, by report name (contract, sections 7 and 8).
    Tile, title {
        /// Why phone verifications failed.
        FailureReasons = "failure-reasons" => "Phone Authentication Failure Reasons",
        /// Pairs of number and address.
        NumberIpFailures = "number-ip-failures" => "Phone Number Failures Per IP Address",
        /// Numbers blocked by the provider.
        BlockedNumbers = "blocked-numbers" => "Blocked Phone Number Listing",
        /// Addresses with failures.
        IpFailures = "ip-failures" => "IP Address – Failed Phone Authentications",
        /// Browser families.
        Browsers = "browsers" => "Phone Failures – Client Browsers",
        /// Operating system families.
        OperatingSystems = "operating-systems" => "Phone Failures – Client Operating Systems",
        /// Numbers with failures, to select from on the Details tab.
        NumberFailures = "number-failures" => "Select Phone Number",
    }
}

impl Tile {
    /// The columns before the count, as in reports.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::FailureReasons => &["reason", "reason_text"],
            Self::NumberIpFailures => &["phone", "ip"],
            Self::BlockedNumbers | Self::NumberFailures => &["phone"],
            Self::IpFailures => &["ip"],
            Self::Browsers | Self::OperatingSystems => &["family"],
        }
    }

    /// Whether it is a donut chart (its table is one click away) rather than a table.
    pub fn is_donut(self) -> bool {
        matches!(self, Self::Browsers | Self::OperatingSystems)
    }
}

/// Filters of a range; all must match. Events and attempts that lack a filtered field do not match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filters {
    /// The channel of the code.
    pub channel: Option<Channel>,
    /// The number a code was sent to.
    pub phone: Option<PhoneNumber>,
    /// The client address.
    pub ip: Option<IpAddr>,
    /// The exact flow id.
    pub flow: Option<String>,
    /// The browser family.
    pub browser: Option<String>,
    /// The region of the number.
    pub region: Option<Region>,
    /// The reason of the failure. The Details tab of Microsoft's workbook counts
    /// [`Reason::BlockedReputation`] only.
    pub reason: Option<Reason>,
}

impl Filters {
    /// One channel, or all.
    pub fn channel(channel: Option<Channel>) -> Self {
        Self { channel, ..Self::default() }
    }

    /// Whether only the channel is filtered, so that tallies can answer.
    pub fn only_channel(&self) -> bool {
        *self == Self::channel(self.channel)
    }
}

impl From<&Filter> for Filters {
    /// The workbook's part of a sign-in log filter; users and outcomes do not apply.
    fn from(filter: &Filter) -> Self {
        Self {
            channel: filter.channel,
            phone: filter.phone,
            ip: filter.ip,
            flow: filter.flow.clone(),
            browser: filter.browser.clone(),
            region: filter.region,
            reason: filter.reason,
        }
    }
}

/// The query of all tiles of a view.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The range of time.
    pub period: Period,
    /// Conditions on events and attempts.
    pub filters: Filters,
}

impl Query {
    /// Everything in a range.
    pub fn all(period: Period) -> Self {
        Self { period, filters: Filters::default() }
    }

    /// The same for the preceding range.
    #[must_use]
    pub fn before(&self) -> Self {
        Self { period: self.period.before(), filters: self.filters.clone() }
    }

    /// Reads `range`, `from`, `to` and `channel` of URLs, the API and the command line.
    ///
    /// # Errors
    /// Those of [`Period::read`], and an unknown channel.
    pub fn read(
        range: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        channel: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let period = invalid.keep(Period::read(range, from, to, now));
        let channel = match channel.map(str::trim) {
            None | Some("" | "all") => None,
            Some(text) => text
                .parse()
                .map_err(|message: String| invalid.push("channel", Fault::InvalidChoice, message))
                .ok(),
        };
        match period {
            Some(period) => invalid.or(Self { period, filters: Filters::channel(channel) }),
            None => Err(invalid),
        }
    }
}

/// Whether a viewer may see whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// Whole numbers.
    Whole,
    /// Masked numbers.
    Masked,
}

impl Sight {
    /// By an account's role.
    pub fn of_role(role: Role) -> Self {
        Self::whole_if(allows(role, Permission::WholeNumbers))
    }

    /// By an API key's scopes.
    pub fn of_scopes(scopes: &[Scope]) -> Self {
        Self::whole_if(scopes.contains(&Scope::Numbers))
    }

    fn whole_if(whole: bool) -> Self {
        if whole { Self::Whole } else { Self::Masked }
    }
}

/// The order of a table's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The column's index; `None` sorts by count.
    pub column: Option<usize>,
    /// Reverses the column's own order (counts descending, words ascending).
    pub reversed: bool,
}

impl Sort {
    /// Compares two rows; ties use the report's order.
    pub fn compare(self, a: &Row, b: &Row) -> Ordering {
        let order = match self.column {
            None => report_order(a, b),
            Some(column) => {
                a.cells.get(column).cmp(&b.cells.get(column)).then_with(|| report_order(a, b))
            }
        };
        if self.reversed { order.reverse() } else { order }
    }
}

/// The requested part of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileRowsQuery {
    /// Rows whose displayed cells contain this, ignoring case.
    pub search: String,
    /// Applied before `offset` and `limit`.
    pub sort: Sort,
    /// Index of the first row.
    pub offset: usize,
    /// Maximum number of rows.
    pub limit: usize,
}

impl TileRowsQuery {
    /// Every row in the report's order.
    pub fn all() -> Self {
        Self { limit: usize::MAX, ..Self::default() }
    }
}

/// A counted row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Displayable cells, one per [`Tile::columns`]; empty if the events had none.
    pub cells: Vec<String>,
    /// Number of failures.
    pub count: u64,
}

/// A part of a tile's rows, with totals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileRows {
    /// The rows of the part.
    pub rows: Vec<Row>,
    /// Their unmasked cells, from which links are built.
    pub keys: Vec<Vec<String>>,
    /// Their counts in the preceding range, if requested.
    pub before: Option<Vec<u64>>,
    /// Number of rows that match the search.
    pub matching: u64,
    /// Number of all rows.
    pub rows_in_all: u64,
    /// The largest count of all rows, for the bars.
    pub largest: u64,
    /// The sum of all counts.
    pub total: u64,
}

/// The report's order: count descending, then cells ascending.
pub fn report_order(a: &Row, b: &Row) -> Ordering {
    b.count.cmp(&a.count).then_with(|| a.cells.cmp(&b.cells))
}

/// A row's cells as a viewer may see them: a source's texts may contain numbers, too.
fn shown_cells(tile: Tile, sight: Sight, mut cells: Vec<String>) -> Vec<String> {
    if sight == Sight::Masked {
        for (cell, column) in cells.iter_mut().zip(tile.columns()) {
            if *column != "ip"
                && let Cow::Owned(masked) = sight.text(cell)
            {
                *cell = masked;
            }
        }
    }
    cells
}

/// Selects the requested part of all rows (unmasked, in any order) and shows it as `sight` allows.
/// The search looks at displayed cells; the order uses unmasked ones.
pub fn tile_rows(mut rows: Vec<Row>, part: &TileRowsQuery, tile: Tile, sight: Sight) -> TileRows {
    let mut out = TileRows {
        rows_in_all: rows.len() as u64,
        largest: rows.iter().map(|row| row.count).max().unwrap_or(0),
        total: rows.iter().map(|row| row.count).sum(),
        ..TileRows::default()
    };
    let search = part.search.trim().to_lowercase();
    if !search.is_empty() {
        rows.retain(|row| {
            shown_cells(tile, sight, row.cells.clone())
                .iter()
                .any(|cell| cell.to_lowercase().contains(&search))
        });
    }
    out.matching = rows.len() as u64;
    let order = |a: &Row, b: &Row| part.sort.compare(a, b);
    let end = part.offset.saturating_add(part.limit).min(rows.len());
    if end < rows.len() && end > 0 {
        // Only the rows up to the end of the page need sorting.
        rows.select_nth_unstable_by(end - 1, order);
        rows.truncate(end);
    }
    rows.sort_unstable_by(order);
    let rows: Vec<Row> = rows.into_iter().skip(part.offset).take(part.limit).collect();
    out.show(tile, sight, rows);
    out
}

impl TileRows {
    /// Sets the part's rows, given unmasked, and shows them as `sight` allows.
    pub fn show(&mut self, tile: Tile, sight: Sight, rows: Vec<Row>) {
        self.keys = rows.iter().map(|row| row.cells.clone()).collect();
        self.rows = rows
            .into_iter()
            .map(|row| Row { cells: shown_cells(tile, sight, row.cells), ..row })
            .collect();
    }
}

/// The "Total failures" figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Failures in the range.
    pub now: u64,
    /// Failures in the preceding range of equal length.
    pub before: u64,
}

impl Total {
    /// Change in whole percent; `None` if there was nothing before.
    pub fn change_percent(self) -> Option<i64> {
        if self.before == 0 {
            return None;
        }
        let (now, before) = (i128::from(self.now), i128::from(self.before));
        let change = (now - before) * 200 / before;
        // Halves are rounded away from zero.
        i64::try_from((change + change.signum()) / 2).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(cell: &str, count: u64) -> Row {
        Row { cells: vec![cell.to_owned()], count }
    }

    fn cut(rows: Vec<Row>, part: &TileRowsQuery) -> TileRows {
        tile_rows(rows, part, Tile::IpFailures, Sight::Whole)
    }

    #[test]
    fn an_auditor_sees_and_searches_masks() {
        let rows = vec![row("+14155552700", 2), row("+14155553700", 1)];
        let part = |search: &str| TileRowsQuery { search: search.into(), ..TileRowsQuery::all() };
        let see =
            |search, sight| tile_rows(rows.clone(), &part(search), Tile::BlockedNumbers, sight);
        let masked = see("", Sight::Masked);
        assert_eq!(masked.rows[0].cells, ["+14155••••00"]);
        assert_eq!(masked.rows.len(), 2, "equal masks stay separate rows");
        assert_eq!(see("5552", Sight::Masked).matching, 0);
        assert_eq!(see("5552", Sight::Whole).matching, 1);
    }

    #[test]
    fn parts() {
        let rows = vec![row("b", 2), row("a", 2), row("c", 9), row("Bd", 1)];
        let page = |offset, limit| TileRowsQuery { offset, limit, ..TileRowsQuery::default() };
        let cells = |rows: TileRows| -> Vec<String> {
            rows.rows.into_iter().map(|row| row.cells[0].clone()).collect()
        };
        assert_eq!(cells(cut(rows.clone(), &TileRowsQuery::all())), ["c", "a", "b", "Bd"]);
        assert_eq!(cells(cut(rows.clone(), &page(1, 2))), ["a", "b"]);
        assert_eq!(cells(cut(rows.clone(), &page(9, 2))), [""; 0]);
        let found =
            cut(rows.clone(), &TileRowsQuery { search: "B".into(), ..TileRowsQuery::all() });
        assert_eq!((found.matching, found.rows_in_all, found.total), (2, 4, 14));
        let sort = Sort { column: Some(0), reversed: false };
        assert_eq!(
            cells(cut(rows, &TileRowsQuery { sort, ..TileRowsQuery::all() })),
            ["Bd", "a", "b", "c"]
        );
    }

    #[test]
    fn changes() {
        let change = |now, before| Total { now, before }.change_percent();
        assert_eq!(change(150, 100), Some(50));
        assert_eq!(change(50, 100), Some(-50));
        assert_eq!(change(0, 0), None);
        assert_eq!(change(1, 3), Some(-67));
    }

    proptest! {
        #[test]
        fn pages_put_together_are_the_whole(
            counts in proptest::collection::vec((0_u8..5, 0_u64..4), 0..40),
            size in 1_usize..7,
        ) {
            let rows: Vec<_> = counts.iter().map(|(key, count)| row(&key.to_string(), *count)).collect();
            let whole = cut(rows.clone(), &TileRowsQuery::all()).rows;
            let mut pages = Vec::new();
            for offset in (0..rows.len()).step_by(size) {
                pages.extend(cut(rows.clone(), &TileRowsQuery { offset, limit: size, ..TileRowsQuery::default() }).rows);
            }
            prop_assert_eq!(whole, pages);
        }
    }
}
