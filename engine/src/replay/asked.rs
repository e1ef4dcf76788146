//! The question as a door asks it.

use super::told::{Replayed, Tried};
use super::{COUNTED, MOST, PIECE, Size, ask};
use crate::{Engine, Error};
use domain::{countries, rules};

/// What the last 30 days would have been refused under these rules and countries, beside what they
/// would have been under those that hold; of very many attempts the newest [`MOST`]. The same
/// question within a minute has the same answer. Whoever drops this ends it at its next piece.
///
/// # Errors
/// When the store refuses, or when too many wait for theirs already.
pub async fn would_refuse(
    engine: &Engine,
    rules: rules::Settings,
    countries: countries::Settings,
) -> Result<Replayed, Error> {
    let size = Size { most: MOST, counted: COUNTED, piece: PIECE };
    ask(&engine.db, &engine.replays, Tried { rules, countries }, size).await
}
