//! The tab Overview: total and tiles; and whichever panel is shown alone.

use super::fragment::panel_view;
use super::load::{self, beside};
use super::standouts;
use super::tiles::{load as load_tile, tile_view};
use super::total::TotalFailures;
use super::view::Asked;
use domain::workbook::Tile;
use engine::Engine;
use leptos::prelude::*;

/// What stands under the tabs: the open tab's tiles, or one panel alone.
pub(super) async fn body(engine: &Engine, asked: &Asked) -> AnyView {
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

/// Asks for everything at once and renders what came, each tile for itself.
async fn overview(engine: &Engine, asked: &Asked) -> AnyView {
    let tile = |tile: Tile| load_tile(engine, tile, asked);
    let ips = async {
        let rows = tile(Tile::IpFailures).await;
        (standouts::address(engine, asked, rows.as_ref().ok()).await, rows)
    };
    let (signs, total, reasons, pairs, blocked, (address, ips), browsers, systems) = tokio::join!(
        beside(standouts::signs(engine.clone(), asked.query.clone())),
        load::total(engine, &asked.query),
        tile(Tile::FailureReasons),
        tile(Tile::NumberIpFailures),
        tile(Tile::BlockedNumbers),
        ips,
        tile(Tile::Browsers),
        tile(Tile::OperatingSystems)
    );
    // The contract's tiles, two to a row.
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
