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
pub(crate) fn tile_view(tile: Tile, view: &View, rows: Result<Rows, Lost>, sight: Sight) -> AnyView {
    let state = view.tile(tile);
    let filter = (!drawn(tile, &state)).then(|| {
        let mut hidden = view.with_tile(tile, |tile| tile.page = 1).pairs();
        hidden.retain(|(name, _)| *name != format!("{tile}.q"));
        view! { <Search root=tile.as_str() title=tile.title() value=state.q.clone() hidden/> }.into_any()
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
    view! { <Panel word=tile.as_str() title=tile.title() actions filter>{wrong}{body}</Panel> }.into_any()
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
        return view! { <Donut title=tile.title() slices=slices(&rows) total=rows.total/> }.into_any();
    }
    let first = view.with_tile(tile, |tile| tile.page = 1);
    if rows.matching == 0 {
        let clear = first.with_tile(tile, |tile| tile.q.clear()).href_at(tile);
        return view! {
            <Empty>
                "Nothing contains “" {state.q} "”. "
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
                "There is no page " {thousands(state.page)} ". "
                <a href=last data-tile-link="">"Go to the last, " {thousands(pages)}</a> "."
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

