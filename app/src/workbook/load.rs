//! The engine's answers for the page. What fails is logged under a reference that the page shows,
//! so that one tile's failure leaves the others standing.

use crate::error::reference;
use domain::workbook::{Part, Query, Rows, Sight, Tile, Total};
use engine::Engine;

/// Something that could not be read; the log says why under this reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost(pub(crate) String);

/// A part of a tile's rows.
pub(crate) async fn rows(
    engine: &Engine,
    tile: Tile,
    query: &Query,
    part: &Part,
    sight: Sight,
) -> Result<Rows, Lost> {
    engine
        .workbook
        .tile(tile, query, part, sight)
        .await
        .map_err(|error| lost(tile.as_str(), &error))
}

/// Failures in the range and in the one before it.
pub(crate) async fn total(engine: &Engine, query: &Query) -> Result<Total, Lost> {
    engine.workbook.total(query).await.map_err(|error| lost("total", &error))
}

fn lost(what: &str, error: &engine::Error) -> Lost {
    let reference = reference();
    tracing::error!(%reference, what, %error, "the workbook could not be read");
    Lost(reference)
}
