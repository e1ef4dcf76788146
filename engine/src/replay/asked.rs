//! A replay as a door requests it.

use super::told::{Replayed, TrialRules};
use super::{COUNTED, MOST, PIECE, Size, ask};
use crate::{Engine, Error};
use domain::{countries, rules};

/// What would have been refused in the last 30 days under these rules and countries, compared with
/// the current ones; if there are very many attempts, only the newest [`MOST`]. The same question
/// within a minute gets the same answer. Dropping the future stops the replay after its current
/// piece.
///
/// # Errors
/// If the store fails, or if too many replays are waiting.
pub async fn would_refuse(
    engine: &Engine,
    rules: rules::Settings,
    countries: countries::Settings,
) -> Result<Replayed, Error> {
    let size = Size { most: MOST, counted: COUNTED, piece: PIECE };
    ask(&engine.db, &engine.replays, TrialRules { rules, countries }, size).await
}
