//! The state of a panel.

use super::Panel;
use domain::workbook::{Sort, TileRowsQuery};
use domain::{Fault, Invalid};

/// Rows on a page of a panel.
pub(crate) const ROWS: u64 = 10;
/// Rows on a page of a panel that is shown alone.
pub(crate) const ROWS_ALONE: u64 = 50;
/// Most characters of a filter.
const FILTER: usize = 200;

/// The state of a panel, as its parameters say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TileView {
    /// Page, from 1.
    pub page: u64,
    /// Order of the rows.
    pub sort: Sort,
    /// Text that rows must contain.
    pub q: String,
    /// Whether a panel with a chart shows a table instead.
    pub table: bool,
    /// Errors in its parameters.
    pub invalid: Invalid,
    /// Rows on a page: more if the panel is shown alone.
    pub rows: u64,
}

impl Default for TileView {
    fn default() -> Self {
        Self {
            page: 1,
            sort: Sort::default(),
            q: String::new(),
            table: false,
            invalid: Invalid::default(),
            rows: ROWS,
        }
    }
}

impl TileView {
    /// The rows to read.
    pub(crate) fn part(&self) -> TileRowsQuery {
        let before = (self.page - 1).saturating_mul(self.rows);
        TileRowsQuery {
            search: self.q.clone(),
            sort: self.sort,
            offset: usize::try_from(before).unwrap_or(usize::MAX),
            limit: usize::try_from(self.rows).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn read<'a>(panel: Panel, get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut view = Self::default();
        if let Some(text) = get("page") {
            match text.parse::<u64>() {
                Ok(page) if page > 0 => view.page = page,
                _ => view.invalid.push(
                    "page",
                    Fault::InvalidValue,
                    "The page must be a whole number from 1.",
                ),
            }
        }
        if let Some(text) = get("sort") {
            match read_sort(panel, text) {
                Some(sort) => view.sort = sort,
                None => {
                    let known = panel.columns().join(", ");
                    let own = panel.own_order();
                    let message =
                        format!("The order must be one of {own}, {known}, with .up or .down.");
                    view.invalid.push("sort", Fault::InvalidChoice, message);
                }
            }
        }
        if let Some(text) = get("q") {
            if text.chars().count() > FILTER {
                view.invalid.push(
                    "q",
                    Fault::TooLong,
                    format!("The filter must have at most {FILTER} letters."),
                );
            } else {
                view.q = text.to_owned();
            }
        }
        match get("view") {
            None | Some("chart") => {}
            Some("table") => view.table = true,
            Some(_) => {
                view.invalid.push("view", Fault::InvalidChoice, "The view must be chart or table.")
            }
        }
        view
    }

    pub(super) fn pairs(&self, panel: Panel, out: &mut Vec<(String, String)>) {
        let mut push = |name: &str, value: String| out.push((format!("{panel}.{name}"), value));
        if !self.q.is_empty() {
            push("q", self.q.clone());
        }
        if self.sort != Sort::default() {
            push("sort", write_sort(panel, self.sort));
        }
        if self.page > 1 {
            push("page", self.page.to_string());
        }
        if self.table {
            push("view", "table".to_owned());
        }
    }
}

/// By default, counts and times are descending and text is ascending.
pub(super) fn read_sort(panel: Panel, text: &str) -> Option<Sort> {
    let (name, way) = match text.split_once('.') {
        Some((name, way)) => (name, Some(way)),
        None => (text, None),
    };
    let column = match name {
        _ if name == panel.own_order() => None,
        _ => Some(panel.columns().iter().position(|column| *column == name)?),
    };
    let reversed = match (way, column) {
        (None, _) | (Some("down"), None) | (Some("up"), Some(_)) => false,
        (Some("up"), None) | (Some("down"), Some(_)) => true,
        _ => return None,
    };
    Some(Sort { column, reversed })
}

pub(super) fn write_sort(panel: Panel, sort: Sort) -> String {
    let own = panel.own_order();
    let name = sort.column.and_then(|at| panel.columns().get(at).copied()).unwrap_or(own);
    match (sort.reversed, sort.column) {
        (false, _) => name.to_owned(),
        (true, None) => format!("{name}.up"),
        (true, Some(_)) => format!("{name}.down"),
    }
}
