//! The tab Details: single failures, failures over time, and those of a chosen number.

mod charts;
mod head;
mod listing;
mod steps;
mod table;

pub(super) use charts::chart_view;
pub(super) use listing::rows_view;

use super::fragment::panel_view;
use super::view::{Panel, ResolvedView};
use domain::series::SeriesBy;
use domain::workbook::Tile;
use engine::Engine;
use head::Head;
use leptos::prelude::*;

/// The order on the page: first the tiles that the contract lists.
const ORDER: [Panel; 6] = [
    Panel::FlowFailures,
    Panel::Chart(SeriesBy::Number),
    Panel::Chart(SeriesBy::Flow),
    Panel::Chart(SeriesBy::Ip),
    Panel::Tile(Tile::NumberFailures),
    Panel::NumberEvents,
];

/// Reads all panels concurrently; each is rendered even if another failed.
pub(super) async fn body(engine: &Engine, asked: &ResolvedView) -> AnyView {
    let panel = |at: usize| panel_view(engine, ORDER[at], asked);
    let (a, b, c, d, e, f) =
        tokio::join!(panel(0), panel(1), panel(2), panel(3), panel(4), panel(5));
    let tiles = [a, b, c, d, e, f].map(|(_, view)| view);
    let names = engine.names.last();
    view! {
        <Head asked=asked.clone() names/>
        <div class="tiles details">{tiles.into_iter().collect_view()}</div>
    }
    .into_any()
}
