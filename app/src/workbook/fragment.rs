//! One panel alone, for `/tiles/{panel}`: the very same component as on the page.

use super::conversion;
use super::details::{Rows, chart_view, rows_view};
use super::load;
use super::tiles::{load as load_tile, tile_view};
use super::view::{Asked, Panel, View};
use domain::workbook::Sight;
use domain::zone::Zone;
use engine::Engine;
use leptos::prelude::*;

/// A panel that could not be read, rendered with its reference and Retry: answer it with 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFragment {
    /// The panel's HTML.
    pub html: String,
}

/// A panel's HTML for a query string as `/` takes it (without `?`; see [`View`]), numbers as
/// `sight` allows, times by the clocks of `zone` unless the query names another.
///
/// # Errors
/// The panel in its failed state, when the engine could not answer.
pub async fn fragment(
    panel: Panel,
    query: &str,
    engine: &Engine,
    sight: Sight,
    zone: Zone,
) -> Result<String, FailedFragment> {
    let view = View::read(query);
    let owner = Owner::new();
    let (failed, html) = match load::asked(engine, &view, sight, zone).await {
        Ok(asked) => {
            let (failed, view) = panel_view(engine, panel, &asked).await;
            // Whatever tells a time takes the page's clocks from here.
            let zone = asked.zone;
            (
                failed,
                owner.with(|| {
                    provide_context(zone);
                    view.to_html()
                }),
            )
        }
        Err(lost) => {
            let retry = view.href_at(panel);
            (true, owner.with(|| lost.view("This tile could not be read.", retry).to_html()))
        }
    };
    if failed { Err(FailedFragment { html }) } else { Ok(html) }
}

/// A panel with what was read for it, and whether reading failed.
pub(super) async fn panel_view(engine: &Engine, panel: Panel, asked: &Asked) -> (bool, AnyView) {
    match panel {
        Panel::Tile(tile) => {
            let rows = load_tile(engine, tile, asked).await;
            (rows.is_err(), tile_view(tile, asked, rows))
        }
        Panel::FlowFailures => rows_view(engine, Rows::All, asked).await,
        Panel::NumberEvents => rows_view(engine, Rows::Chosen, asked).await,
        Panel::Chart(by) => chart_view(engine, by, asked).await,
        Panel::Conversion => conversion::panel(engine, asked).await,
    }
}
