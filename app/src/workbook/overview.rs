//! The tab Overview: total and tiles; and whichever panel is shown alone.

use super::fragment::panel_view;
use super::load;
use super::standouts;
use super::tiles::{ORDER, load as load_tile, tile_view};
use super::total::TotalFailures;
use super::view::Asked;
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
    let tile = |at: usize| load_tile(engine, ORDER[at], asked);
    let (found, total, a, b, c, d, e, f) = tokio::join!(
        standouts::load(engine, asked),
        load::total(engine, &asked.query),
        tile(0),
        tile(1),
        tile(2),
        tile(3),
        tile(4),
        tile(5)
    );
    let tiles = ORDER
        .into_iter()
        .zip([a, b, c, d, e, f])
        .map(|(tile, rows)| tile_view(tile, asked, rows))
        .collect_view();
    view! {
        {standouts::list(asked, found)}
        <TotalFailures total period=asked.query.period retry=asked.view.href()/>
        <div class="tiles">{tiles}</div>
    }
    .into_any()
}
