//! The settings as the store has them, and saved.

use super::draft::Draft;
use crate::who;
use domain::countries::Settings;
use domain::settings::Section as _;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::settings::{Current, Past, SaveError, Saved, Seen};

/// What holds.
///
/// # Errors
/// When the store refuses.
pub(super) async fn current(engine: &Engine) -> Result<Current<Settings>, store::Error> {
    let mut conn = engine.db.conn().await?;
    engine::settings::load::<Settings>(&mut conn).await
}

/// What a version says: the one that holds, or one before it. Nothing when there is none.
///
/// # Errors
/// When the store refuses.
pub(super) async fn at(
    engine: &Engine,
    now: &Current<Settings>,
    version: i64,
) -> Result<Option<Settings>, store::Error> {
    if version == now.version {
        return Ok(Some(now.settings.clone()));
    }
    let back = now.version.saturating_sub(version);
    if version < 0 || back < 0 {
        return Ok(None);
    }
    let limit = back.saturating_add(1);
    let past = engine::settings::history(&engine.db, Settings::KIND, limit).await?;
    Ok(past.iter().find(|past| past.version == version).and_then(document))
}

/// A version's settings, where this program can read them.
pub(super) fn document(past: &Past) -> Option<Settings> {
    serde_json::from_value(past.document.clone()).ok()
}

/// Saves a change on top of what holds, if that is still the version that was seen.
///
/// # Errors
/// See [`SaveError`].
pub(super) async fn save(
    engine: &Engine,
    draft: &Draft,
    now: &Settings,
    seen: Seen,
) -> Result<Saved, SaveError> {
    engine::settings::save(&engine.db, &who::by(), seen, &draft.on(now)).await
}

/// What is said to the second of two.
pub(super) fn stale() -> Invalid {
    let words = "Somebody else has changed the countries since. Nothing was saved.";
    Invalid::one("version", Fault::Stale, words)
}
