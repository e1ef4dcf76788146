//! The tiles of the Overview.

use super::absent::{RowNumbers, absent};
use super::chart::{Donut, slices};
use super::rows::{RowsTable, search};
use super::view::{Panel, ResolvedView, TileView, View};
use crate::charts::SaveButtons;
use crate::page::{LoadError, log_load_error};
use crate::ui::{Icon, NoticeKind, Tile as Frame, notice_of};
use domain::workbook::{Tile, TileRows};
use engine::Engine;
use leptos::prelude::*;

/// Whether a tile shows a chart rather than a table.
fn drawn(tile: Tile, state: &TileView) -> bool {
    tile.is_donut() && !state.table
}

/// Reads the rows that a tile shows, with their counts in the previous range if it is compared.
pub(crate) async fn load(
    engine: &Engine,
    tile: Tile,
    asked: &ResolvedView,
) -> Result<TileRows, LoadError> {
    let state = asked.view.tile(tile);
    // A donut shows the largest rows, whatever the state of its table.
    let part = if drawn(tile, &state) { TileView::default().part() } else { state.part() };
    let (workbook, query, sight) = (&engine.workbook, &asked.query, asked.sight);
    let rows = match asked.view.compares() {
        true => workbook.compared(tile, query, &part, sight).await,
        false => workbook.tile(tile, query, &part, sight).await,
    };
    rows.map_err(|error| log_load_error(tile.as_str(), &error))
}

pub(crate) fn tile_view(
    tile: Tile,
    asked: &ResolvedView,
    rows: Result<TileRows, LoadError>,
) -> AnyView {
    let view = &asked.view;
    let state = view.tile(tile);
    let filter = (!drawn(tile, &state)).then(|| search(view, tile));
    let picture = drawn(tile, &state) && rows.as_ref().is_ok_and(|rows| rows.rows_in_all > 0);
    let (word, title) = (tile.as_str(), tile.title());
    let save = picture.then(|| view! { <SaveButtons word title/> });
    let actions = view! { {save}{panel_actions(tile.into(), asked, &[])} }.into_any();
    let body = match rows {
        Err(lost) => lost.view("This tile could not be read.", view.href_at(tile)),
        Ok(rows) => body(tile, asked, rows),
    };
    let wrong = misread(&state);
    view! { <Frame word title actions filter>{wrong}{body}</Frame> }.into_any()
}

/// Errors in a panel's state.
pub(crate) fn misread(state: &TileView) -> Option<AnyView> {
    let words = state.invalid.fields.iter().map(|error| error.message.clone());
    notice_of(NoticeKind::Warning, &words.collect::<Vec<_>>())
}

fn body(tile: Tile, asked: &ResolvedView, rows: TileRows) -> AnyView {
    let state = asked.view.tile(tile);
    let counted =
        RowNumbers { in_all: rows.rows_in_all, matching: rows.matching, shown: rows.rows.len() };
    if drawn(tile, &state) && counted.in_all > 0 {
        let links = |family: &str| match tile {
            Tile::Browsers => asked.filter_link("browser", family),
            _ => None,
        };
        let slices = slices(&rows, links);
        return view! { <Donut title=tile.title() slices total=rows.total/> }.into_any();
    }
    absent(tile, asked, &counted, "failures")
        .unwrap_or_else(|| view! { <RowsTable tile asked=asked.clone() rows/> }.into_any())
}

/// Links to export and enlarge a panel, and to switch between chart and table. `further` are
/// parameters of the report besides range and filters.
pub(crate) fn panel_actions(
    panel: Panel,
    asked: &ResolvedView,
    further: &[(&str, &str)],
) -> AnyView {
    let view = &asked.view;
    let shown = panel.is_drawn().then(|| {
        let now = view.tile(panel).table;
        let choice = |table: bool, icon, label: &'static str| {
            let href = view.with_tile(panel, |tile| tile.table = table).href_at(panel);
            let id = format!("{panel}-{icon}");
            view! {
                <a
                    id=id href=href data-tile-link="" data-whole="" title=label aria-label=label
                    aria-current=(table == now).then_some("true")
                >
                    <Icon name=icon/>
                </a>
            }
        };
        view! {
            <span class="switch" role="group" aria-label="Shown as">
                {choice(false, if matches!(panel, Panel::Tile(_)) { "donut" } else { "chart" }, "Chart")}
                {choice(true, "table", "Table")}
            </span>
        }
    });
    let title = panel.title();
    let export = export_link(view.export(panel, further), title);
    view! { {shown}{alone_link(panel, view, title)}{export} }.into_any()
}

/// A link that shows a panel alone, unless it is already.
pub(crate) fn alone_link(panel: Panel, view: &View, what: &str) -> Option<AnyView> {
    (view.open() != Some(panel)).then(|| {
        let href = view.with_word("open", panel.as_str()).href();
        view! {
            <a class="icon-button" href=href data-keep="" title="Show only this, with more rows" aria-label=format!("Show only {what}")>
                <Icon name="expand"/>
            </a>
        }
        .into_any()
    })
}

/// A link that downloads a report.
pub(crate) fn export_link(href: String, what: &str) -> AnyView {
    view! {
        <a class="icon-button" href=href download="" title="Export as CSV" aria-label=format!("Export {what} as CSV")>
            <Icon name="download"/>
        </a>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::assert_has;
    use crate::workbook::samples::asked;
    use domain::workbook::{Row, Sight};
    use domain::zone::Zone;

    fn html(tile: Tile, query: &str, rows: Result<TileRows, LoadError>, sight: Sight) -> String {
        let asked = asked(query, sight, Zone::utc());
        Owner::new().with(|| tile_view(tile, &asked, rows).to_html())
    }

    fn rows(cells: &[&str], matching: u64) -> TileRows {
        let cells: Vec<_> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let keys = vec![cells.clone()];
        let row = Row { cells, count: 1_234 };
        TileRows {
            rows: vec![row],
            keys,
            before: None,
            matching,
            rows_in_all: matching,
            largest: 1_234,
            total: 1_234,
        }
    }

    #[test]
    fn a_table_is_a_region_with_sortable_columns_and_a_pager() {
        let html = html(
            Tile::IpFailures,
            "range=7d&ip-failures.page=2",
            Ok(rows(&["198.51.100.23"], 12_340)),
            Sight::Whole,
        );
        assert_has(
            &html,
            &[
                "aria-labelledby=\"ip-failures-title\"",
                "IP Address – Failed Phone Authentications",
                "aria-sort=\"descending\"",
                "href=\"/?range=7d&amp;ip-failures.sort=ip#ip-failures\"",
                "href=\"/?range=7d&amp;ip-failures.page=3#ip-failures\"",
                "11–20 of 12,340",
                "1,234",
                "href=\"/export/ip-failures?range=7d&amp;bom=1\"",
                "data-copy=\"198.51.100.23\"",
            ],
        );
    }

    #[test]
    fn masked_numbers_are_not_for_copying() {
        let masked = html(Tile::BlockedNumbers, "", Ok(rows(&["+37125••••94"], 1)), Sight::Masked);
        assert!(masked.contains("+37125••••94") && !masked.contains("data-copy"));
    }

    #[test]
    fn a_failed_tile_has_its_reference_and_retry() {
        let html =
            html(Tile::IpFailures, "range=7d", Err(LoadError("0badcafe".to_owned())), Sight::Whole);
        assert!(html.contains("0badcafe") && html.contains("Retry"));
        assert!(html.contains("href=\"/?range=7d#ip-failures\""));
    }

    #[test]
    fn nothing_says_what_to_do() {
        let none = html(Tile::IpFailures, "", Ok(TileRows::default()), Sight::Whole);
        assert!(none.contains("No failures in this range.") && none.contains("href=\"/settings\""));
        let mut rows = rows(&["198.51.100.23"], 1);
        rows.rows.clear();
        let beyond = html(Tile::IpFailures, "ip-failures.page=9", Ok(rows.clone()), Sight::Whole);
        assert!(beyond.contains("There is no page 9"));
        rows.matching = 0;
        let filtered = html(Tile::IpFailures, "ip-failures.q=%3Cb%3E", Ok(rows), Sight::Whole);
        assert!(filtered.contains("&lt;b&gt;") && filtered.contains("Clear the filter"));
    }

    #[test]
    fn a_donut_has_its_numbers_one_click_away() {
        let chart = html(Tile::Browsers, "", Ok(rows(&["Chrome"], 1)), Sight::Whole);
        assert!(chart.contains("viewBox=\"0 0 480 480\"") && !chart.contains("<table"));
        assert!(chart.contains("href=\"/?browsers.view=table#browsers\""));
        assert!(chart.contains("data-save=\"svg\" data-of=\"browsers\""), "{chart}");
        let table =
            html(Tile::Browsers, "browsers.view=table", Ok(rows(&["Chrome"], 1)), Sight::Whole);
        assert!(table.contains("<table") && !table.contains("480"));
        let empty = html(Tile::Browsers, "", Ok(TileRows::default()), Sight::Whole);
        assert!(!table.contains("data-save") && !empty.contains("data-save"));
    }

    #[test]
    fn bad_state_is_said_in_the_tile() {
        let html = html(
            Tile::IpFailures,
            "ip-failures.page=x",
            Ok(rows(&["198.51.100.23"], 1)),
            Sight::Whole,
        );
        assert!(html.contains("The page must be a whole number from 1."));
    }
}
