//! The settings as a version has them.

use super::draft::Draft;
use crate::saving;
use domain::countries::Settings;
use engine::Engine;
use engine::settings::{Current, Past, SaveError, Saved, Seen};

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
    let past = saving::history::<Settings>(engine, back.saturating_add(1)).await?;
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
    saving::save(engine, seen, &draft.on(now)).await
}
