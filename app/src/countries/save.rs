//! The settings of a version.

use crate::saving;
use domain::countries::Settings;
use engine::Engine;
use engine::settings::{Current, PastVersion};

/// The settings of the current or a past version; `None` if there is no such version.
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

/// A version's settings; `None` if this program cannot read them.
pub(super) fn document(past: &PastVersion) -> Option<Settings> {
    serde_json::from_value(past.document.clone()).ok()
}
