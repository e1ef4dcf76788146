//! The tab Overview: total and tiles. Also a panel that is shown alone.

use super::fragment::panel_view;
use super::standouts;
use super::task::beside;
use super::tiles::{load as load_tile, tile_view};
use super::total::TotalFailures;
use super::view::ResolvedView;
use crate::page::log_load_error;
use domain::workbook::Tile;
use engine::Engine;
use leptos::prelude::*;

/// The content of the open tab, or a single panel.
pub(super) async fn body(engine: &Engine, asked: &ResolvedView) -> AnyView {
    if let Some(panel) = asked.view.open() {
        let (_, html) = panel_view(engine, panel, asked).await;
        let back = asked.view.with_word("open", "").href_at(panel);
        return view! {
            <p class="alone-back"><a href=back>"All tiles"</a></p>
            <div class="tiles alone">{html}</div>
        }
        .into_any();
    }
    match asked.view.tab() {
        "details" => super::details::body(engine, asked).await,
        "conversion" => super::conversion::body(engine, asked).await,
        _ => overview(engine, asked).await,
    }
}

/// Reads all tiles concurrently; each is rendered even if another failed.
async fn overview(engine: &Engine, asked: &ResolvedView) -> AnyView {
    let tile = |tile: Tile| load_tile(engine, tile, asked);
    let ips = async {
        let rows = tile(Tile::IpFailures).await;
        (standouts::address(engine, asked, rows.as_ref().ok()).await, rows)
    };
    let (signs, total, reasons, pairs, blocked, (address, ips), browsers, systems) = tokio::join!(
        beside(standouts::signs(engine.clone(), asked.query.clone())),
        engine.workbook.total(&asked.query),
        tile(Tile::FailureReasons),
        tile(Tile::NumberIpFailures),
        tile(Tile::BlockedNumbers),
        ips,
        tile(Tile::Browsers),
        tile(Tile::OperatingSystems)
    );
    let total = total.map_err(|error| log_load_error("total", &error));
    // The order that the contract lists, two in each row.
    let tiles = [
        (Tile::FailureReasons, reasons),
        (Tile::NumberIpFailures, pairs),
        (Tile::BlockedNumbers, blocked),
        (Tile::IpFailures, ips),
        (Tile::Browsers, browsers),
        (Tile::OperatingSystems, systems),
    ];
    let tiles = tiles.into_iter().map(|(tile, rows)| tile_view(tile, asked, rows)).collect_view();
    view! {
        {standouts::list(asked, standouts::found(signs.ok().flatten(), address), engine.gate.uncounted())}
        <TotalFailures total period=asked.query.period retry=asked.view.href()/>
        <div class="tiles">{tiles}</div>
    }
    .into_any()
}
