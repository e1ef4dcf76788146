//! The URL is the state. What the query string of `/` and `/tiles/{panel}` may say:
//!
//! | name | value | when absent |
//! |---|---|---|
//! | `tab` | `details`, `conversion` | `overview` |
//! | `range`, `from`, `to` | as in [`domain::signins::View`]; without an offset in the page's zone | `30d` |
//! | `channel` `number` `ip` `flow` `browser` `region` `reason` | as in the sign-in log | all |
//! | `compare` | `yes`: with the range before | without |
//! | `tz` | a zone's IANA name | the account's |
//! | `bucket` | a width of [`domain::bucket::Bucket`] | what suits the range |
//! | `by`, `map` | what the conversion is listed and mapped by | `region`, `failures` |
//! | `open` | a panel that is shown alone, with more rows | all panels |
//! | `<panel>.q` | rows that contain this | all rows |
//! | `<panel>.sort` | a column's name; `.up` or `.down` turns the order round | its own order |
//! | `<panel>.page` | the page, from 1 | 1 |
//! | `<panel>.view` | `table`: a picture's numbers instead of the picture | the picture |
//!
//! `<panel>` is the report's name (`ip-failures`). Other names are dropped from links.

mod panel;
#[cfg(test)]
mod tests;
mod tile;

pub use panel::Panel;
pub use tile::TileView;
pub(crate) use tile::{ROWS, ROWS_ALONE};

use chrono::{DateTime, Utc};
use domain::handles::HandleKey;
use domain::mask::hides;
use domain::query::{Address, href};
use domain::signins;
use domain::workbook::{Filters, Query, Sight};
use domain::zone::Zone;
use domain::{Fault, Invalid, Period};
use std::collections::BTreeMap;

/// The filters a view may have besides its channel, as addresses name them.
pub const FILTERS: [&str; 6] = ["number", "ip", "flow", "browser", "region", "reason"];

/// The tabs, by the words in the URL.
pub const TABS: [(&str, &str); 3] =
    [("overview", "Overview"), ("details", "Details"), ("conversion", "Conversion")];

/// What else the whole page is told, by the names in the URL.
const WORDS: [&str; 7] = ["tab", "compare", "tz", "bucket", "by", "map", "open"];

/// The state of the whole page. Links are written from a copy with one thing changed, so that each
/// keeps all else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// Range and filters, as typed.
    log: signins::View,
    words: Address,
    tiles: BTreeMap<Panel, TileView>,
}

/// What a view asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The view, with handles for what was typed.
    pub view: View,
    /// What to ask the engine: what is wrong is replaced by the default.
    pub query: Query,
    /// What could not be read, beside its field.
    pub invalid: Invalid,
    /// What names numbers in links.
    pub key: HandleKey,
    /// How much of a number is shown.
    pub sight: Sight,
    /// What times are shown in.
    pub zone: Zone,
}

impl View {
    /// Reads a query string, without its `?`. Of a name given twice the last counts.
    pub fn read(query: &str) -> Self {
        let given = Address::read(query);
        let tiles = Panel::ALL.iter().filter_map(|&panel| {
            let view = TileView::read(panel, |name| given.get(&format!("{panel}.{name}")));
            (view != TileView::default()).then_some((panel, view))
        });
        let log = signins::View::of(&given).with("user", "").with("outcome", "");
        Self { words: given.only(&WORDS), tiles: tiles.collect(), log }
    }

    /// What to ask the engine, and what could not be read: what is wrong is replaced by the
    /// default, and said beside its field. `own` is the account's zone.
    pub fn ask(&self, key: HandleKey, sight: Sight, own: Zone, now: DateTime<Utc>) -> Asked {
        let mut view = self.clone();
        let mut misread = Invalid::default();
        let zone = match self.words.get("tz").map(|text| text.parse::<Zone>()) {
            None => own,
            Some(Ok(zone)) => zone,
            Some(Err(error)) => {
                misread.push("tz", Fault::InvalidChoice, error.to_string());
                own
            }
        };
        // What is typed without an offset is meant by the page's clocks.
        let mut log = self.log.clone();
        for field in ["from", "to"] {
            if let Ok(time) = zone.read(self.log.text(field)) {
                log = log.with(field, &time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
            }
        }
        let asked = log.ask(&key, sight, now);
        misread.fields.extend(asked.invalid.fields.iter().cloned());
        if !TABS.iter().any(|(word, _)| *word == self.word("tab", "overview")) {
            let words = "must be one of overview, details, conversion";
            misread.push("tab", Fault::InvalidChoice, words);
        }
        if !matches!(self.word("compare", ""), "" | "yes") {
            misread.push("compare", Fault::InvalidChoice, "must be yes or absent");
        }
        if self.words.get("open").is_some() && self.open().is_none() {
            misread.push(
                "open",
                Fault::InvalidChoice,
                "must be a panel's name, such as ip-failures",
            );
        }
        // Typed digits do not go on in links.
        for field in ["number", "flow", "browser"] {
            view.log = view.log.with(field, asked.settled.text(field));
        }
        if sight == Sight::Masked {
            view.tiles.values_mut().filter(|tile| hides(&tile.q)).for_each(|tile| {
                tile.q.clear();
            });
        }
        let query = Query { period: asked.filter.period, filters: Filters::from(&asked.filter) };
        Asked { view, query, invalid: misread, key, sight, zone }
    }

    /// A word of the whole page as it was typed, or what it is when absent.
    pub fn word<'v>(&'v self, name: &str, absent: &'v str) -> &'v str {
        self.words.get(name).unwrap_or(absent)
    }

    /// The open tab's word; the first's when it is none.
    pub fn tab(&self) -> &'static str {
        let word = self.word("tab", "overview");
        TABS.iter().map(|(known, _)| *known).find(|known| *known == word).unwrap_or("overview")
    }

    /// Whether the range before is shown beside.
    pub fn compares(&self) -> bool {
        self.word("compare", "") == "yes"
    }

    /// The panel that is shown alone.
    pub fn open(&self) -> Option<Panel> {
        Panel::named(self.words.get("open")?)
    }

    /// A field of range and filters as it was typed; empty when it was not.
    pub fn text(&self, field: &str) -> &str {
        self.log.text(field)
    }

    /// One panel's state.
    pub fn tile(&self, panel: impl Into<Panel>) -> TileView {
        let panel = panel.into();
        let view = self.tiles.get(&panel).cloned().unwrap_or_default();
        let rows = if self.open() == Some(panel) { ROWS_ALONE } else { ROWS };
        TileView { rows, ..view }
    }

    /// A copy with one panel's state changed.
    #[must_use]
    pub fn with_tile(&self, panel: impl Into<Panel>, change: impl FnOnce(&mut TileView)) -> Self {
        let mut copy = self.clone();
        change(copy.tiles.entry(panel.into()).or_default());
        copy
    }

    /// A copy with another filter, range or channel; an empty value takes it away. Panels go back
    /// to their first pages: the rows differ.
    #[must_use]
    pub fn with_filter(&self, field: &'static str, value: &str) -> Self {
        let log = self.log.with(field, value);
        Self { log, ..self.clone() }.at_first_pages()
    }

    /// A copy with another word of the whole page; an empty value takes it away. Filters stay, and
    /// panels' pages too.
    #[must_use]
    pub fn with_word(&self, name: &'static str, value: &str) -> Self {
        Self { words: self.words.with(name, value), ..self.clone() }
    }

    /// A copy with no filter but the channel.
    #[must_use]
    pub fn without_filters(&self) -> Self {
        FILTERS.iter().fold(self.clone(), |view, field| view.with_filter(field, ""))
    }

    /// A copy with a named range.
    #[must_use]
    pub fn with_range(&self, range: &str) -> Self {
        Self { log: self.log.with_range(range), ..self.clone() }.at_first_pages()
    }

    /// A copy with a range from one instant to another.
    #[must_use]
    pub fn with_period(&self, period: Period) -> Self {
        let text = |time: DateTime<Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        let log = self.log.with("range", "").with("from", &text(period.from));
        Self { log: log.with("to", &text(period.to)), ..self.clone() }.at_first_pages()
    }

    fn at_first_pages(mut self) -> Self {
        self.tiles.values_mut().for_each(|tile| tile.page = 1);
        self
    }

    /// Whether the range is a named one, and which.
    pub fn named_range(&self) -> Option<&str> {
        self.log.named_range()
    }

    /// The state as names and values, defaults left out.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut out = self.words.pairs(&WORDS);
        out.retain(|(name, value)| name != "tab" || value != "overview");
        out.extend(self.asked_pairs());
        for (panel, view) in &self.tiles {
            view.pairs(*panel, &mut out);
        }
        out
    }

    /// Range and filters alone: what an export is asked for.
    pub fn asked_pairs(&self) -> Vec<(String, String)> {
        self.log.pairs()
    }

    /// The page's address in this state.
    pub fn href(&self) -> String {
        href("/", self.pairs())
    }

    /// The page's address in this state, at a panel.
    pub fn href_at(&self, panel: impl Into<Panel>) -> String {
        format!("{}#{}", self.href(), panel.into())
    }

    /// The address of a panel's whole report, as CSV that Excel knows to be UTF-8; `further` names
    /// what that report takes besides.
    pub fn export(&self, panel: impl Into<Panel>, further: &[(&str, &str)]) -> String {
        let further = further.iter().chain(&[("bom", "1")]);
        let further = further.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        href(&format!("/export/{}", panel.into()), self.asked_pairs().into_iter().chain(further))
    }
}

impl Asked {
    /// The address of the page with a filter added, or exchanged.
    pub fn filtered(&self, field: &'static str, value: &str) -> String {
        self.view.with_filter(field, value).href()
    }

    /// What a column's whole cell leads to, if it can be filtered by: the page with that filter.
    /// Columns are those of reports: `phone`, `ip`, `flow`, `reason`, `region`, `family` (a
    /// browser's).
    pub fn filter_link(&self, column: &str, cell: &str) -> Option<String> {
        let field = match column {
            "phone" => {
                let handle = self.key.number(cell.parse().ok()?);
                return Some(self.filtered("number", &handle));
            }
            "ip" => "ip",
            "flow" => "flow",
            "region" => "region",
            "channel" => "channel",
            "reason" => "reason",
            "browser" => "browser",
            _ => return None,
        };
        (!cell.is_empty()).then(|| self.filtered(field, cell))
    }
}
