//! The URL is the state. What the query string of `/` and `/tiles/{tile}` may say:
//!
//! | name | value | when absent |
//! |---|---|---|
//! | `range` | a word of [`domain::period::RANGES`] | `30d` |
//! | `from`, `to` | times, UTC; they win over `range` | |
//! | `channel` | a channel | all |
//! | `<tile>.q` | rows that contain this | all rows |
//! | `<tile>.sort` | a column's name, or `count`; `.up` or `.down` turns the order round | `count` |
//! | `<tile>.page` | the page, from 1 | 1 |
//! | `<tile>.view` | `table`: a donut's numbers instead of the donut | the donut |
//!
//! `<tile>` is the report's name (`ip-failures`). Other names are dropped from links.

use chrono::{DateTime, Utc};
use domain::period::DEFAULT_RANGE;
use domain::workbook::{Part, Query, Sort, Tile};
use domain::{Channel, Invalid, Period};
use std::collections::BTreeMap;

/// Rows to a tile's page.
pub(crate) const ROWS: u64 = 10;
/// Most letters of a filter.
const FILTER: usize = 200;

/// The state of one tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileView {
    /// The page, from 1.
    pub page: u64,
    /// The order of its rows.
    pub sort: Sort,
    /// What its rows must contain.
    pub q: String,
    /// Whether a donut shows its table.
    pub table: bool,
    /// What of its state could not be read, and what is allowed.
    pub invalid: Invalid,
}

impl Default for TileView {
    fn default() -> Self {
        Self {
            page: 1,
            sort: Sort::default(),
            q: String::new(),
            table: false,
            invalid: Invalid::default(),
        }
    }
}

impl TileView {
    /// The rows to ask for.
    pub fn part(&self) -> Part {
        Part {
            search: self.q.clone(),
            sort: self.sort,
            offset: usize::try_from((self.page - 1).saturating_mul(ROWS)).unwrap_or(usize::MAX),
            limit: usize::try_from(ROWS).unwrap_or(usize::MAX),
        }
    }

    fn read(tile: Tile, get: impl Fn(&str) -> Option<String>) -> Self {
        let mut view = Self::default();
        if let Some(text) = get("page") {
            match text.trim().parse::<u64>() {
                Ok(page) if page > 0 => view.page = page,
                _ => view.invalid.push(
                    "page",
                    "invalid_page",
                    "The page must be a whole number from 1.",
                ),
            }
        }
        if let Some(text) = get("sort") {
            match read_sort(tile, &text) {
                Some(sort) => view.sort = sort,
                None => {
                    let known = tile.columns().join(", ");
                    let message =
                        format!("The order must be one of count, {known}, with .up or .down.");
                    view.invalid.push("sort", "invalid_sort", message);
                }
            }
        }
        if let Some(text) = get("q") {
            let text = text.trim();
            if text.chars().count() > FILTER {
                view.invalid.push(
                    "q",
                    "too_long",
                    format!("The filter must have at most {FILTER} letters."),
                );
            } else {
                view.q = text.to_owned();
            }
        }
        match get("view").as_deref() {
            None | Some("" | "chart") => {}
            Some("table") => view.table = true,
            Some(_) => {
                view.invalid.push("view", "invalid_view", "The view must be chart or table.")
            }
        }
        view
    }

    fn pairs(&self, tile: Tile, out: &mut Vec<(String, String)>) {
        let mut push = |name: &str, value: String| out.push((format!("{tile}.{name}"), value));
        if !self.q.is_empty() {
            push("q", self.q.clone());
        }
        if self.sort != Sort::default() {
            push("sort", write_sort(tile, self.sort));
        }
        if self.page > 1 {
            push("page", self.page.to_string());
        }
        if self.table {
            push("view", "table".to_owned());
        }
    }
}

/// Counts fall and words rise unless turned round.
fn read_sort(tile: Tile, text: &str) -> Option<Sort> {
    let (name, way) = match text.split_once('.') {
        Some((name, way)) => (name, Some(way)),
        None => (text, None),
    };
    let column = match name {
        "count" => None,
        _ => Some(tile.columns().iter().position(|column| *column == name)?),
    };
    let reversed = match (way, column) {
        (None, _) | (Some("down"), None) | (Some("up"), Some(_)) => false,
        (Some("up"), None) | (Some("down"), Some(_)) => true,
        _ => return None,
    };
    Some(Sort { column, reversed })
}

fn write_sort(tile: Tile, sort: Sort) -> String {
    let name = sort.column.and_then(|at| tile.columns().get(at)).unwrap_or(&"count");
    match (sort.reversed, sort.column) {
        (false, _) => (*name).to_owned(),
        (true, None) => format!("{name}.up"),
        (true, Some(_)) => format!("{name}.down"),
    }
}

/// The state of the whole page. Links are written from a copy with one thing changed, so that each
/// keeps all else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The range's word, as typed.
    pub range: String,
    /// The range's begin, as typed.
    pub from: String,
    /// The range's end, as typed.
    pub to: String,
    /// The channel's word, as typed.
    pub channel: String,
    tiles: BTreeMap<Tile, TileView>,
}

impl View {
    /// Reads a query string, without its `?`. Of a name given twice the last counts.
    pub fn read(query: &str) -> Self {
        let given: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let text =
            |name: &str| given.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let tiles = Tile::ALL
            .iter()
            .map(|&tile| {
                (tile, TileView::read(tile, |name| given.get(&format!("{tile}.{name}")).cloned()))
            })
            .collect();
        Self {
            range: text("range"),
            from: text("from"),
            to: text("to"),
            channel: text("channel"),
            tiles,
        }
    }

    /// What to ask the engine, and what could not be read: what is wrong is replaced by the
    /// default, and said beside its field (`range`, `from`, `to`, `channel`).
    pub fn query(&self, now: DateTime<Utc>) -> (Query, Invalid) {
        let mut invalid = Invalid::default();
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (range, from, to) = (text(&self.range), text(&self.from), text(&self.to));
        let period = Period::read(range.as_deref(), from.as_deref(), to.as_deref(), now);
        let period = period.unwrap_or_else(|wrong| {
            invalid.fields.extend(wrong.fields);
            Period { from: now - chrono::Duration::days(30), to: now }
        });
        let channel = text(&self.channel).and_then(|text| match text.parse::<Channel>() {
            Ok(channel) => Some(channel),
            Err(message) => {
                invalid.push("channel", "invalid_channel", message);
                None
            }
        });
        (Query { period, channel }, invalid)
    }

    /// One tile's state.
    pub fn tile(&self, tile: Tile) -> TileView {
        self.tiles.get(&tile).cloned().unwrap_or_default()
    }

    /// A copy with one tile's state changed.
    pub fn with_tile(&self, tile: Tile, change: impl FnOnce(&mut TileView)) -> Self {
        let mut copy = self.clone();
        change(copy.tiles.entry(tile).or_default());
        copy
    }

    /// A copy with another range or channel. Tiles go back to their first pages: the rows differ.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut copy = self.clone();
        change(&mut copy);
        copy.tiles.values_mut().for_each(|tile| tile.page = 1);
        copy
    }

    /// A copy with a named range.
    pub fn with_range(&self, range: &str) -> Self {
        self.with(|view| {
            view.range = range.to_owned();
            view.from.clear();
            view.to.clear();
        })
    }

    /// Whether the range is a named one, and which.
    pub fn named_range(&self) -> Option<&str> {
        let custom = !self.from.is_empty() || !self.to.is_empty();
        let named = if self.range.is_empty() { DEFAULT_RANGE } else { &self.range };
        (!custom).then_some(named)
    }

    /// The state as names and values, defaults left out.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut out = self.range_pairs();
        for (tile, view) in &self.tiles {
            view.pairs(*tile, &mut out);
        }
        out
    }

    /// Range and channel alone: what an export is asked for.
    pub fn range_pairs(&self) -> Vec<(String, String)> {
        let custom = self.named_range().is_none();
        let range = if custom || self.range == DEFAULT_RANGE { "" } else { &self.range };
        [("range", range), ("from", &self.from), ("to", &self.to), ("channel", &self.channel)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// The page's address in this state.
    pub fn href(&self) -> String {
        address("/", &self.pairs())
    }

    /// The page's address in this state, at a tile.
    pub fn href_at(&self, tile: Tile) -> String {
        format!("{}#{tile}", self.href())
    }

    /// The address of a tile's whole report.
    pub fn export(&self, tile: Tile) -> String {
        address(&format!("/export/{tile}"), &self.range_pairs())
    }
}

fn address(path: &str, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;

    fn now() -> DateTime<Utc> {
        parse_time("2026-11-20T00:00:00Z").unwrap()
    }

    #[test]
    fn links_keep_the_other_state() {
        let text = "range=7d&channel=sms&ip-failures.q=198.51&ip-failures.sort=ip.down&ip-failures.page=3&\
                    browsers.view=table&unknown=1";
        let view = View::read(text);
        assert_eq!(View::read(&view.href()[2..]), view);
        assert!(!view.href().contains("unknown"));
        let next = view.with_tile(Tile::IpFailures, |tile| tile.page += 1);
        assert_eq!(
            next.href(),
            "/?range=7d&channel=sms&ip-failures.q=198.51&ip-failures.sort=ip.down&ip-failures.page=4\
             &browsers.view=table"
        );
        assert_eq!(view.export(Tile::IpFailures), "/export/ip-failures?range=7d&channel=sms");
        let other = view.with_range("90d");
        assert_eq!(other.tile(Tile::IpFailures).page, 1);
        assert_eq!(other.tile(Tile::IpFailures).q, "198.51");
        assert_eq!(View::default().href(), "/");
        assert_eq!(View::read("range=30d").href_at(Tile::Browsers), "/#browsers");
    }

    #[test]
    fn orders() {
        for (tile, text, column, reversed) in [
            (Tile::IpFailures, "count", None, false),
            (Tile::IpFailures, "count.up", None, true),
            (Tile::IpFailures, "ip", Some(0), false),
            (Tile::NumberIpFailures, "ip.down", Some(1), true),
        ] {
            let sort = Sort { column, reversed };
            assert_eq!(read_sort(tile, text), Some(sort), "{text}");
            assert_eq!(write_sort(tile, sort), text);
        }
        for text in ["", "phone", "ip.", "ip.sideways", "count.up.up"] {
            assert_eq!(read_sort(Tile::IpFailures, text), None, "{text}");
        }
    }

    #[test]
    fn bad_state_is_said_and_replaced() {
        let view = View::read("ip-failures.page=0&ip-failures.sort=colour&ip-failures.view=map");
        let tile = view.tile(Tile::IpFailures);
        assert_eq!((tile.page, tile.sort, tile.table), (1, Sort::default(), false));
        assert_eq!(tile.invalid.fields.len(), 3);
        let long = format!("ip-failures.q={}", "x".repeat(201));
        assert!(View::read(&long).tile(Tile::IpFailures).invalid.of("q").is_some());
        assert_eq!(
            View::read("browsers.page=18446744073709551615").tile(Tile::Browsers).part().offset,
            usize::MAX
        );

        let (query, invalid) = View::read("range=6m&channel=fax").query(now());
        assert_eq!(query.period.length(), chrono::Duration::days(30));
        assert_eq!(query.channel, None);
        assert!(invalid.of("range").is_some() && invalid.of("channel").is_some());

        let (query, invalid) = View::read("from=2020-12-01&to=2020-12-05T00:00:00Z").query(now());
        assert!(invalid.fields.is_empty());
        assert_eq!(query.period.length(), chrono::Duration::days(4));
    }

    #[test]
    fn custom_ranges_win_over_named_ones() {
        let view = View::read("range=7d&from=2020-12-01");
        assert_eq!(view.named_range(), None);
        assert_eq!(view.href(), "/?from=2020-12-01");
        assert_eq!(View::read("").named_range(), Some("30d"));
    }
}
