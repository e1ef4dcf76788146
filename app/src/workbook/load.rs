//! The engine's answers for the page. What fails is logged under a reference that the page shows,
//! so that one tile's failure leaves the others standing.

use super::view::{Asked, View};
use crate::error::reference;
use domain::workbook::{Part, Query, Rows, Sight, Tile, Total};
use domain::zone::Zone;
use engine::Engine;

/// Something that could not be read; the log says why under this reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost(pub(crate) String);

/// What a view asks for, with handles that this store reads.
pub(crate) async fn asked(
    engine: &Engine,
    view: &View,
    sight: Sight,
    zone: Zone,
) -> Result<Asked, Lost> {
    let key = engine.handles.key().await.map_err(|error| lost("handles", &error.into()))?;
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
/// busy. Nothing when the work could not end.
pub(super) async fn beside<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let done = tokio::spawn(work).await;
    done.map_err(|error| {
        tracing::error!(error = store::whole(&error), "a part of the workbook was not counted")
    })
    .ok()
}

/// Logs why something could not be read.
pub(crate) fn lost(what: &str, error: &engine::Error) -> Lost {
    let reference = reference();
    tracing::error!(%reference, what, error = store::whole(error), "the workbook could not be read");
    Lost(reference)
}
