//! One tile alone, for `/tiles/{tile}`: the very same component as on the page.

use super::tiles::{load, tile_view};
use super::view::View;
use domain::workbook::{Sight, Tile};
use engine::Engine;
use leptos::prelude::*;

/// A tile that could not be read, rendered with its reference and Retry: answer it with 500.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFragment {
    /// The tile's HTML.
    pub html: String,
}

/// A tile's HTML for a query string as `/` takes it (without `?`; see [`View`]), numbers as
/// `sight` allows.
///
/// # Errors
/// The tile in its failed state, when the engine could not answer.
pub async fn fragment(
    tile: Tile,
    query: &str,
    engine: &Engine,
    sight: Sight,
) -> Result<String, FailedFragment> {
    let view = View::read(query);
    let (asked, _) = view.query(engine.clock().now());
    let rows = load(engine, tile, &view, &asked, sight).await;
    let failed = rows.is_err();
    let html = Owner::new().with(|| tile_view(tile, &view, rows, sight).to_html());
    if failed { Err(FailedFragment { html }) } else { Ok(html) }
}
