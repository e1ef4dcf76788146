//! The workbook: its tiles, what can be asked of them, and how rows are ordered and paged.

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
    /// The tiles that count, by the names of their reports (contract, sections 7 and 8).
    Tile {
        /// Why phone verifications failed.
        FailureReasons = "failure-reasons",
        /// Pairs of number and address.
        NumberIpFailures = "number-ip-failures",
        /// Numbers the provider blocked.
        BlockedNumbers = "blocked-numbers",
        /// Addresses with failures.
        IpFailures = "ip-failures",
        /// Browser families.
        Browsers = "browsers",
        /// Operating system families.
        OperatingSystems = "operating-systems",
        /// Numbers with failures, to choose from on the Details tab.
        NumberFailures = "number-failures",
    }
}

impl Tile {
    /// The tile's name on the page, fixed by the contract.
    pub fn title(self) -> &'static str {
        match self {
            Self::FailureReasons => "Phone Authentication Failure Reasons",
            Self::NumberIpFailures => "Phone Number Failures Per IP Address",
            Self::BlockedNumbers => "Blocked Phone Number Listing",
            Self::IpFailures => "IP Address – Failed Phone Authentications",
            Self::Browsers => "Phone Failures – Client Browsers",
            Self::OperatingSystems => "Phone Failures – Client Operating Systems",
            Self::NumberFailures => "Select Phone Number",
        }
    }

    /// The columns before the count, as reports name them.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::FailureReasons => &["reason", "reason_text"],
            Self::NumberIpFailures => &["phone", "ip"],
            Self::BlockedNumbers | Self::NumberFailures => &["phone"],
            Self::IpFailures => &["ip"],
            Self::Browsers | Self::OperatingSystems => &["family"],
        }
    }

    /// Whether it is drawn as a donut (its table is one click away) rather than as a table.
    pub fn is_donut(self) -> bool {
        matches!(self, Self::Browsers | Self::OperatingSystems)
    }
}

/// What is wanted of a range: whatever fits all that is said. Of events and attempts that lack what
/// is asked for, none fits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filters {
    /// By one channel.
    pub channel: Option<Channel>,
    /// To one number.
    pub phone: Option<PhoneNumber>,
    /// From one address.
    pub ip: Option<IpAddr>,
    /// Of one flow, to the letter.
    pub flow: Option<String>,
    /// From browsers of one family.
    pub browser: Option<String>,
    /// To numbers of one region.
    pub region: Option<Region>,
    /// For one reason. The Details tab of Microsoft's workbook counts
    /// [`Reason::BlockedReputation`] alone.
    pub reason: Option<Reason>,
}

impl Filters {
    /// One channel, or all.
    pub fn channel(channel: Option<Channel>) -> Self {
        Self { channel, ..Self::default() }
    }

    /// Whether nothing but a channel is asked for: what tallies can tell.
    pub fn only_channel(&self) -> bool {
        *self == Self::channel(self.channel)
    }
}

impl From<&Filter> for Filters {
    /// What a filter of the sign-in log asks of the workbook; users and outcomes have no part in
    /// it.
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

/// What every tile of a view is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    /// The range of time.
    pub period: Period,
    /// What is wanted of it.
    pub filters: Filters,
}

impl Query {
    /// Everything in a range.
    pub fn all(period: Period) -> Self {
        Self { period, filters: Filters::default() }
    }

    /// The same of the range before.
    #[must_use]
    pub fn before(&self) -> Self {
        Self { period: self.period.before(), filters: self.filters.clone() }
    }

    /// Reads `range`, `from`, `to` and `channel` as URLs, the API and the command line have them.
    ///
    /// # Errors
    /// See [`Period::read`]; a channel that is none.
    pub fn read(
        range: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        channel: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let period = Period::read(range, from, to, now)
            .map_err(|error| invalid.fields.extend(error.fields))
            .ok();
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

/// Whether somebody may see whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// Whole numbers.
    Whole,
    /// Masked numbers.
    Masked,
}

impl Sight {
    /// What an account sees.
    pub fn of_role(role: Role) -> Self {
        Self::whole_if(allows(role, Permission::WholeNumbers))
    }

    /// What a key with these scopes sees.
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
    /// `None` sorts by count, else by the column of this number.
    pub column: Option<usize>,
    /// Smallest first instead of the column's own order (counts fall, words rise).
    pub reversed: bool,
}

impl Sort {
    /// Compares two rows; equal ones fall back to the report's order.
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

/// Which part of a table is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Rows whose shown cells contain this, in any case.
    pub search: String,
    /// The order.
    pub sort: Sort,
    /// The first row wanted.
    pub offset: usize,
    /// How many are wanted at most.
    pub limit: usize,
}

impl Part {
    /// Every row in the report's own order.
    pub fn all() -> Self {
        Self { limit: usize::MAX, ..Self::default() }
    }
}

/// A counted row: its cells as they may be shown, and the count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The cells, one for each of [`Tile::columns`]; empty where the events had none.
    pub cells: Vec<String>,
    /// How many failures.
    pub count: u64,
}

/// A part of a tile's rows, and what stands around it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// The rows of the part.
    pub rows: Vec<Row>,
    /// Their cells, whole whatever may be shown: what links are made of.
    pub keys: Vec<Vec<String>>,
    /// Their counts in the range before, when they were asked for.
    pub before: Option<Vec<u64>>,
    /// How many rows match the search.
    pub matching: u64,
    /// How many rows there are.
    pub rows_in_all: u64,
    /// The largest count of any row, for the bars.
    pub largest: u64,
    /// All counts added up.
    pub total: u64,
}

/// The order in which reports list rows: count falling, then cells rising.
pub fn report_order(a: &Row, b: &Row) -> Ordering {
    b.count.cmp(&a.count).then_with(|| a.cells.cmp(&b.cells))
}

/// A row's cells as somebody may see them: a source's words may hold numbers, too.
pub fn shown(tile: Tile, sight: Sight, mut cells: Vec<String>) -> Vec<String> {
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

/// Cuts the part that is asked for out of all rows (whole, in any order) and shows it as `sight`
/// allows. A search looks at what is shown; the order is that of the whole cells.
pub fn part_of(mut rows: Vec<Row>, part: &Part, tile: Tile, sight: Sight) -> Rows {
    let mut out = Rows {
        rows_in_all: rows.len() as u64,
        largest: rows.iter().map(|row| row.count).max().unwrap_or(0),
        total: rows.iter().map(|row| row.count).sum(),
        ..Rows::default()
    };
    let search = part.search.trim().to_lowercase();
    if !search.is_empty() {
        rows.retain(|row| {
            shown(tile, sight, row.cells.clone())
                .iter()
                .any(|cell| cell.to_lowercase().contains(&search))
        });
    }
    out.matching = rows.len() as u64;
    let order = |a: &Row, b: &Row| part.sort.compare(a, b);
    let end = part.offset.saturating_add(part.limit).min(rows.len());
    if end < rows.len() && end > 0 {
        // Only the rows up to the end of the page need an order among themselves.
        rows.select_nth_unstable_by(end - 1, order);
        rows.truncate(end);
    }
    rows.sort_unstable_by(order);
    let rows: Vec<Row> = rows.into_iter().skip(part.offset).take(part.limit).collect();
    out.show(tile, sight, rows);
    out
}

impl Rows {
    /// Takes the rows of a part, whole, and shows them as `sight` allows.
    pub fn show(&mut self, tile: Tile, sight: Sight, rows: Vec<Row>) {
        self.keys = rows.iter().map(|row| row.cells.clone()).collect();
        self.rows = rows
            .into_iter()
            .map(|row| Row { cells: shown(tile, sight, row.cells), ..row })
            .collect();
    }
}

/// The number beside "Total failures".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Failures in the range.
    pub now: u64,
    /// Failures in the range of equal length before it.
    pub before: u64,
}

impl Total {
    /// The change in whole percent; `None` when there was nothing before.
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

    fn cut(rows: Vec<Row>, part: &Part) -> Rows {
        part_of(rows, part, Tile::IpFailures, Sight::Whole)
    }

    #[test]
    fn an_auditor_sees_and_searches_masks() {
        let rows = vec![row("+14155552700", 2), row("+14155553700", 1)];
        let part = |search: &str| Part { search: search.into(), ..Part::all() };
        let see = |search, sight| part_of(rows.clone(), &part(search), Tile::BlockedNumbers, sight);
        let masked = see("", Sight::Masked);
        assert_eq!(masked.rows[0].cells, ["+14155••••00"]);
        assert_eq!(masked.rows.len(), 2, "equal masks stay separate rows");
        assert_eq!(see("5552", Sight::Masked).matching, 0);
        assert_eq!(see("5552", Sight::Whole).matching, 1);
    }

    #[test]
    fn parts() {
        let rows = vec![row("b", 2), row("a", 2), row("c", 9), row("Bd", 1)];
        let page = |offset, limit| Part { offset, limit, ..Part::default() };
        let cells = |rows: Rows| -> Vec<String> {
            rows.rows.into_iter().map(|row| row.cells[0].clone()).collect()
        };
        assert_eq!(cells(cut(rows.clone(), &Part::all())), ["c", "a", "b", "Bd"]);
        assert_eq!(cells(cut(rows.clone(), &page(1, 2))), ["a", "b"]);
        assert_eq!(cells(cut(rows.clone(), &page(9, 2))), [""; 0]);
        let found = cut(rows.clone(), &Part { search: "B".into(), ..Part::all() });
        assert_eq!((found.matching, found.rows_in_all, found.total), (2, 4, 14));
        let sort = Sort { column: Some(0), reversed: false };
        assert_eq!(cells(cut(rows, &Part { sort, ..Part::all() })), ["Bd", "a", "b", "c"]);
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
            let whole = cut(rows.clone(), &Part::all()).rows;
            let mut pages = Vec::new();
            for offset in (0..rows.len()).step_by(size) {
                pages.extend(cut(rows.clone(), &Part { offset, limit: size, ..Part::default() }).rows);
            }
            prop_assert_eq!(whole, pages);
        }
    }
}
