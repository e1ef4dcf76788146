//! The state of the page is in the URL. Parameters of `/` and `/tiles/{panel}`:
//!
//! | name | value | when absent |
//! |---|---|---|
//! | `tab` | `details`, `conversion` | `overview` |
//! | `range`, `from`, `to` | as in [`domain::signins::View`]; without an offset in the page's zone | `30d` |
//! | `channel` `number` `ip` `flow` `browser` `region` `reason` | as in the sign-in log | all |
//! | `compare` | `yes`: with the previous range | without |
//! | `tz` | a zone's IANA name | the account's |
//! | `bucket` | a width of [`domain::bucket::Bucket`] | [`domain::bucket::Bucket::of`] the range |
//! | `by`, `map` | breakdown of the conversion; value that the map shows | `region`, `failures` |
//! | `open` | a panel that is shown alone, with more rows | all panels |
//! | `<panel>.q` | rows that contain this | all rows |
//! | `<panel>.sort` | a column's name; `.up` or `.down` reverses it | the default order |
//! | `<panel>.page` | the page, from 1 | 1 |
//! | `<panel>.view` | `table`: a table instead of the chart | the chart |
//!
//! `<panel>` is the report's name (`ip-failures`). Other names are dropped from links.

mod panel;
#[cfg(test)]
mod tests;
mod tile;

pub use panel::Panel;
pub(crate) use tile::TileView;
pub(crate) use tile::{ROWS, ROWS_ALONE};

use chrono::{DateTime, Utc};
use domain::handles::HandleKey;
use domain::mask::hides;
use domain::query::{Address, href};
use domain::signins;
use domain::workbook::{Filters, Query, Sight};
use domain::zone::Zone;
use domain::{Fault, Invalid};
use std::collections::BTreeMap;

/// Parameters of filters other than the channel.
pub(crate) const FILTERS: [&str; 6] = ["number", "ip", "flow", "browser", "region", "reason"];

/// Name in the URL and label of each tab.
pub(crate) const TABS: [(&str, &str); 3] =
    [("overview", "Overview"), ("details", "Details"), ("conversion", "Conversion")];

/// Other parameters of the whole page.
const WORDS: [&str; 7] = ["tab", "compare", "tz", "bucket", "by", "map", "open"];

/// The state of the whole page. A link is made from a changed copy, so that it keeps the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Range and filters, as typed.
    pub(crate) log: signins::View,
    words: Address,
    tiles: BTreeMap<Panel, TileView>,
}

/// A view with the query that it means.
#[derive(Debug, Clone)]
pub(crate) struct ResolvedView {
    /// The view, with handles instead of typed numbers.
    pub view: View,
    /// The query; invalid parameters are replaced by their defaults.
    pub query: Query,
    /// Errors by field.
    pub invalid: Invalid,
    /// Makes the handles of numbers in links.
    pub key: HandleKey,
    /// Whether numbers are masked.
    pub sight: Sight,
    /// Time zone of the times shown.
    pub zone: Zone,
}

impl View {
    /// Reads a query string without `?`. If a name is given twice, the last value counts.
    pub(crate) fn read(query: &str) -> Self {
        let given = Address::read(query);
        let tiles = Panel::ALL.iter().filter_map(|&panel| {
            let view = TileView::read(panel, |name| given.get(&format!("{panel}.{name}")));
            (view != TileView::default()).then_some((panel, view))
        });
        let log = signins::View::of(&given).with("user", "").with("outcome", "");
        Self { words: given.only(&WORDS), tiles: tiles.collect(), log }
    }

    /// The query of this view. Invalid parameters are replaced by their defaults and listed in
    /// [`ResolvedView::invalid`]. `own` is the account's zone.
    pub(crate) fn ask(
        &self,
        key: HandleKey,
        sight: Sight,
        own: Zone,
        now: DateTime<Utc>,
    ) -> ResolvedView {
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
        // A time without an offset is in the page's zone.
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
        // Links must not contain the digits of a number.
        for field in ["number", "flow", "browser"] {
            view.log = view.log.with(field, asked.settled.text(field));
        }
        if sight == Sight::Masked {
            view.tiles.values_mut().filter(|tile| hides(&tile.q)).for_each(|tile| {
                tile.q.clear();
            });
        }
        let query = Query { period: asked.filter.period, filters: Filters::from(&asked.filter) };
        ResolvedView { view, query, invalid: misread, key, sight, zone }
    }

    /// A parameter of the whole page as typed, or `absent`.
    pub(crate) fn word<'v>(&'v self, name: &str, absent: &'v str) -> &'v str {
        self.words.get(name).unwrap_or(absent)
    }

    /// The open tab; the first one if the parameter is not a tab.
    pub(crate) fn tab(&self) -> &'static str {
        let word = self.word("tab", "overview");
        TABS.iter().map(|(known, _)| *known).find(|known| *known == word).unwrap_or("overview")
    }

    /// Whether the previous range is compared.
    pub(crate) fn compares(&self) -> bool {
        self.word("compare", "") == "yes"
    }

    /// The panel that is shown alone, if there is one.
    pub(crate) fn open(&self) -> Option<Panel> {
        Panel::named(self.words.get("open")?)
    }

    /// The state of a panel.
    pub(crate) fn tile(&self, panel: impl Into<Panel>) -> TileView {
        let panel = panel.into();
        let view = self.tiles.get(&panel).cloned().unwrap_or_default();
        let rows = if self.open() == Some(panel) { ROWS_ALONE } else { ROWS };
        TileView { rows, ..view }
    }

    /// A copy with a changed state of one panel.
    #[must_use]
    pub(crate) fn with_tile(
        &self,
        panel: impl Into<Panel>,
        change: impl FnOnce(&mut TileView),
    ) -> Self {
        let mut copy = self.clone();
        change(copy.tiles.entry(panel.into()).or_default());
        copy
    }

    /// A copy with another filter, range or channel; an empty value removes it. Panels go back to
    /// their first pages, because the rows differ.
    #[must_use]
    pub(crate) fn with_filter(&self, field: &'static str, value: &str) -> Self {
        let log = self.log.with(field, value);
        Self { log, ..self.clone() }.at_first_pages()
    }

    /// A copy with another parameter of the whole page; an empty value removes it. Filters and the
    /// pages of panels stay.
    #[must_use]
    pub(crate) fn with_word(&self, name: &'static str, value: &str) -> Self {
        Self { words: self.words.with(name, value), ..self.clone() }
    }

    /// A copy without filters except for the channel.
    #[must_use]
    pub(crate) fn without_filters(&self) -> Self {
        FILTERS.iter().fold(self.clone(), |view, field| view.with_filter(field, ""))
    }

    /// A copy with a named range.
    #[must_use]
    pub(crate) fn with_range(&self, range: &str) -> Self {
        Self { log: self.log.with_range(range), ..self.clone() }.at_first_pages()
    }

    fn at_first_pages(mut self) -> Self {
        self.tiles.values_mut().for_each(|tile| tile.page = 1);
        self
    }

    /// The state as parameters, without defaults.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let mut out = self.words.pairs(&WORDS);
        out.retain(|(name, value)| name != "tab" || value != "overview");
        out.extend(self.asked_pairs());
        for (panel, view) in &self.tiles {
            view.pairs(*panel, &mut out);
        }
        out
    }

    /// Range and filters as parameters, for an export.
    pub(crate) fn asked_pairs(&self) -> Vec<(String, String)> {
        self.log.pairs()
    }

    /// The page's address in this state.
    pub(crate) fn href(&self) -> String {
        href("/", self.pairs())
    }

    /// The same, with a panel as the fragment.
    pub(crate) fn href_at(&self, panel: impl Into<Panel>) -> String {
        format!("{}#{}", self.href(), panel.into())
    }

    /// The address of a panel's report, as CSV with a byte order mark for Excel. `further` are
    /// other parameters of the report.
    pub(crate) fn export(&self, panel: impl Into<Panel>, further: &[(&str, &str)]) -> String {
        let further = further.iter().chain(&[("bom", "1")]);
        let further = further.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        href(&format!("/export/{}", panel.into()), self.asked_pairs().into_iter().chain(further))
    }
}

impl ResolvedView {
    /// The address of the page with one filter set.
    pub(crate) fn filtered(&self, field: &'static str, value: &str) -> String {
        self.view.with_filter(field, value).href()
    }

    /// The page filtered by a cell of a column of reports; `None` if there is no such filter.
    /// `cell` must not be masked.
    pub(crate) fn filter_link(&self, column: &str, cell: &str) -> Option<String> {
        if column == "phone" {
            let handle = self.key.number(cell.parse().ok()?);
            return Some(self.filtered("number", &handle));
        }
        let mut known = FILTERS.iter().chain(&["channel"]).filter(|field| **field != "number");
        let field = *known.find(|field| **field == column)?;
        (!cell.is_empty()).then(|| self.filtered(field, cell))
    }
}
