//! The tiles of the Overview, each in whatever state it is in.

use super::chart::{Donut, slices};
use super::load::{self, Lost};
use super::rows::RowsTable;
use super::view::{ROWS, TileView, View};
use crate::ui::text::thousands;
use crate::ui::{Empty, Failed, Icon, Notice, NoticeKind, Search, Tile as Panel};
use domain::workbook::{Query, Rows, Sight, Tile};
use engine::Engine;
use leptos::prelude::*;

/// The order on the page: the contract's tiles, two to a row.
pub(crate) const ORDER: [Tile; 6] = [
    Tile::FailureReasons,
    Tile::NumberIpFailures,
    Tile::BlockedNumbers,
    Tile::IpFailures,
    Tile::Browsers,
    Tile::OperatingSystems,
];

/// Whether a tile is drawn rather than listed.
fn drawn(tile: Tile, state: &TileView) -> bool {
    tile.is_donut() && !state.table
}

/// Asks for the rows that a tile shows in its state.
pub(crate) async fn load(
    engine: &Engine,
    tile: Tile,
    view: &View,
    query: &Query,
    sight: Sight,
) -> Result<Rows, Lost> {
    let state = view.tile(tile);
    // A donut shows its largest parts whatever its table was asked.
    let part = if drawn(tile, &state) { TileView::default().part() } else { state.part() };
    load::rows(engine, tile, query, &part, sight).await
}

/// A tile with what was read for it.
pub(crate) fn tile_view(
    tile: Tile,
    view: &View,
    rows: Result<Rows, Lost>,
    sight: Sight,
) -> AnyView {
    let state = view.tile(tile);
    let filter = (!drawn(tile, &state)).then(|| {
        let mut hidden = view.with_tile(tile, |tile| tile.page = 1).pairs();
        hidden.retain(|(name, _)| *name != format!("{tile}.q"));
        view! { <Search root=tile.as_str() title=tile.title() value=state.q.clone() hidden/> }
            .into_any()
    });
    let actions = actions(tile, view).into_any();
    let body = match rows {
        Err(Lost(reference)) => {
            let retry = view.href_at(tile);
            view! { <Failed what="This tile could not be read." reference retry/> }.into_any()
        }
        Ok(rows) => body(tile, view, rows, sight),
    };
    let wrong = (!state.invalid.fields.is_empty()).then(|| {
        let words = state.invalid.fields.iter().map(|error| error.message.as_str());
        let words = words.collect::<Vec<_>>().join(" ");
        view! { <Notice kind=NoticeKind::Warning>{words}</Notice> }
    });
    view! { <Panel word=tile.as_str() title=tile.title() actions filter>{wrong}{body}</Panel> }
        .into_any()
}

fn body(tile: Tile, view: &View, rows: Rows, sight: Sight) -> AnyView {
    let state = view.tile(tile);
    if rows.rows_in_all == 0 {
        let wider = view.with_range("90d").href();
        return view! {
            <Empty>
                "No failures in this range. " <a href=wider data-keep="">"Widen it"</a> ", or "
                <a href="/settings">"import a log"</a> "."
            </Empty>
        }
        .into_any();
    }
    if drawn(tile, &state) {
        return view! { <Donut title=tile.title() slices=slices(&rows) total=rows.total/> }
            .into_any();
    }
    let first = view.with_tile(tile, |tile| tile.page = 1);
    if rows.matching == 0 {
        let clear = first.with_tile(tile, |tile| tile.q.clear()).href_at(tile);
        return view! {
            <Empty>
                {format!("Nothing contains “{}”. ", state.q)}
                <a href=clear data-tile-link="" data-clear="">"Clear the filter"</a> "."
            </Empty>
        }
        .into_any();
    }
    if rows.rows.is_empty() {
        let pages = rows.matching.div_ceil(ROWS);
        let last = view.with_tile(tile, |tile| tile.page = pages).href_at(tile);
        return view! {
            <Empty>
                {format!("There is no page {}. ", thousands(state.page))}
                <a href=last data-tile-link="">{format!("Go to the last, {}", thousands(pages))}</a> "."
            </Empty>
        }
        .into_any();
    }
    view! { <RowsTable tile view=view.clone() rows sight/> }.into_any()
}

/// Export, and for donuts the way between picture and numbers.
fn actions(tile: Tile, view: &View) -> impl IntoView + use<> {
    let shown = tile.is_donut().then(|| {
        let now = view.tile(tile).table;
        let choice = |table: bool, icon, label: &'static str| {
            let href = view.with_tile(tile, |tile| tile.table = table).href_at(tile);
            let id = format!("{tile}-{icon}");
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
                {choice(false, "donut", "Chart")}{choice(true, "table", "Table")}
            </span>
        }
    });
    let export = view.export(tile);
    view! {
        {shown}
        <a class="icon-button" href=export download="" title="Export as CSV" aria-label=format!("Export {} as CSV", tile.title())>
            <Icon name="download"/>
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::workbook::Row;

    fn html(tile: Tile, query: &str, rows: Result<Rows, Lost>, sight: Sight) -> String {
        let view = View::read(query);
        Owner::new().with(|| tile_view(tile, &view, rows, sight).to_html())
    }

    fn rows(cells: &[&str], matching: u64) -> Rows {
        let row =
            Row { cells: cells.iter().map(|cell| (*cell).to_owned()).collect(), count: 1_234 };
        Rows { rows: vec![row], matching, rows_in_all: matching, largest: 1_234, total: 1_234 }
    }

    #[test]
    fn a_table_is_a_region_with_sortable_columns_and_a_pager() {
        let html = html(
            Tile::IpFailures,
            "range=7d&ip-failures.page=2",
            Ok(rows(&["198.51.100.23"], 12_340)),
            Sight::Whole,
        );
        for part in [
            "aria-labelledby=\"ip-failures-title\"",
            "IP Address – Failed Phone Authentications",
            "aria-sort=\"descending\"",
            "href=\"/?range=7d&amp;ip-failures.sort=ip#ip-failures\"",
            "href=\"/?range=7d&amp;ip-failures.page=3#ip-failures\"",
            "11–20 of 12,340",
            "1,234",
            "href=\"/export/ip-failures?range=7d\"",
            "data-copy=\"198.51.100.23\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn masked_numbers_are_not_for_copying() {
        let masked = html(Tile::BlockedNumbers, "", Ok(rows(&["+37125••••94"], 1)), Sight::Masked);
        assert!(masked.contains("+37125••••94") && !masked.contains("data-copy"));
    }

    #[test]
    fn a_failed_tile_has_its_reference_and_retry() {
        let html =
            html(Tile::IpFailures, "range=7d", Err(Lost("0badcafe".to_owned())), Sight::Whole);
        assert!(html.contains("0badcafe") && html.contains("Retry"));
        assert!(html.contains("href=\"/?range=7d#ip-failures\""));
    }

    #[test]
    fn nothing_says_what_to_do() {
        let none = html(Tile::IpFailures, "", Ok(Rows::default()), Sight::Whole);
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
        let table =
            html(Tile::Browsers, "browsers.view=table", Ok(rows(&["Chrome"], 1)), Sight::Whole);
        assert!(table.contains("<table") && !table.contains("480"));
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
