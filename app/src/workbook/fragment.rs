//! A single panel, for `/tiles/{panel}`: the same component as on the page.

use super::conversion;
use super::details::{chart_view, rows_view};
use super::tiles::{load as load_tile, tile_view};
use super::view::{Panel, ResolvedView, View};
use crate::page::log_load_error;
use domain::workbook::Sight;
use domain::zone::Zone;
use engine::Engine;
use leptos::prelude::*;

/// A panel that could not be read; the response must have status 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFragment {
    /// The panel's HTML, with the reference in the log and a link to retry.
    pub html: String,
}

/// A panel's HTML for a query string without `?`. Numbers are masked unless `sight` allows them;
/// times are in `zone` unless the query names another.
///
/// # Errors
/// [`FailedFragment`] if the engine could not answer.
pub async fn fragment(
    panel: Panel,
    query: &str,
    engine: &Engine,
    sight: Sight,
    zone: Zone,
) -> Result<String, FailedFragment> {
    let view = View::read(query);
    let owner = Owner::new();
    let (failed, html) = match engine.handles.key().await {
        Ok(key) => {
            let asked = view.ask(key, sight, zone, engine.clock().now());
            let (failed, view) = panel_view(engine, panel, &asked).await;
            // Components that show times read the zone from the context.
            let zone = asked.zone;
            (
                failed,
                owner.with(|| {
                    provide_context(zone);
                    view.to_html()
                }),
            )
        }
        Err(error) => {
            let (lost, retry) = (log_load_error("handles", &error), view.href_at(panel));
            (true, owner.with(|| lost.view("This tile could not be read.", retry).to_html()))
        }
    };
    if failed { Err(FailedFragment { html }) } else { Ok(html) }
}

/// Whether the panel could not be read, and the panel.
pub(super) async fn panel_view(
    engine: &Engine,
    panel: Panel,
    asked: &ResolvedView,
) -> (bool, AnyView) {
    match panel {
        Panel::Tile(tile) => {
            let rows = load_tile(engine, tile, asked).await;
            (rows.is_err(), tile_view(tile, asked, rows))
        }
        Panel::FlowFailures | Panel::NumberEvents => rows_view(engine, panel, asked).await,
        Panel::Chart(by) => chart_view(engine, by, asked).await,
        Panel::Conversion => conversion::panel(engine, asked).await,
    }
}
