//! The engine's answers for the page. What fails is logged under a reference that the page shows,
//! so that one tile's failure leaves the others standing.

use super::view::{Asked, View};
use crate::page::{Lost, lost};
use domain::workbook::{Part, Query, Rows, Sight, Tile, Total};
use domain::zone::Zone;
use engine::Engine;

/// What a view asks for, with handles that this store reads.
pub(crate) async fn asked(
    engine: &Engine,
    view: &View,
    sight: Sight,
    zone: Zone,
) -> Result<Asked, Lost> {
    let key = engine.handles.key().await.map_err(|error| lost("handles", &error))?;
    Ok(view.ask(key, sight, zone, engine.clock().now()))
}

/// A part of a tile's rows, with their counts in the range before when they are compared.
pub(crate) async fn rows(
    engine: &Engine,
    tile: Tile,
    asked: &Asked,
    part: &Part,
) -> Result<Rows, Lost> {
    let (workbook, query, sight) = (&engine.workbook, &asked.query, asked.sight);
    let rows = if asked.view.compares() {
        workbook.compared(tile, query, part, sight).await
    } else {
        workbook.tile(tile, query, part, sight).await
    };
    rows.map_err(|error| lost(tile.as_str(), &error))
}

/// Failures in the range and in the one before it.
pub(crate) async fn total(engine: &Engine, query: &Query) -> Result<Total, Lost> {
    engine.workbook.total(query).await.map_err(|error| lost("total", &error))
}

/// Runs work beside its caller, on another core where one is free: counting in memory keeps one
/// busy.
pub(super) async fn beside<T: Send + 'static>(
    work: impl Future<Output = Result<T, Lost>> + Send + 'static,
) -> Result<T, Lost> {
    let done = tokio::spawn(work).await;
    done.map_err(|error| lost("a part of the workbook", &error)).flatten()
}
