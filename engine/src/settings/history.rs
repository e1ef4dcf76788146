//! Earlier versions of a section: what each changed, and restoring one.

use super::difference::{Difference, differences};
use super::save::{ExpectedVersion, SaveError, Saved, save_document};
use chrono::{DateTime, Utc};
use domain::audit::By;
use domain::settings::Kind;
use domain::{Fault, Invalid};
use serde_json::Value;
use store::Db;

/// More versions than any section will have, and few enough for memory.
const EVERY: i64 = 10_000;

/// A version of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVersion {
    /// Its number; 0 is the default before the first change.
    pub version: i64,
    /// When it was saved; `None` for version 0.
    pub changed: Option<DateTime<Utc>>,
    /// Who saved it; empty for version 0.
    pub changed_by: String,
    /// The settings in it.
    pub document: Value,
    /// What it changed.
    pub differences: Vec<Difference>,
}

/// The newest versions, newest first, each with its changes.
///
/// # Errors
/// If the store fails.
pub async fn history(db: &Db, kind: &Kind, limit: i64) -> Result<Vec<PastVersion>, store::Error> {
    // One more, to find what the last one changed.
    let versions = store::settings::history(db.read(), kind.name, limit.saturating_add(1)).await?;
    let mut past: Vec<PastVersion> = versions
        .into_iter()
        .map(|version| PastVersion {
            version: version.version,
            changed: Some(version.changed),
            changed_by: version.changed_by,
            // A version from an older program lacks newer settings; one that cannot be parsed at
            // all is shown unchanged.
            document: kind.read(version.document.clone()).unwrap_or(version.document),
            differences: Vec::new(),
        })
        .collect();
    if past.last().is_none_or(|oldest| oldest.version == 1) {
        past.push(PastVersion {
            version: 0,
            changed: None,
            changed_by: String::new(),
            document: kind.default_document(),
            differences: Vec::new(),
        });
    }
    for at in 1..past.len() {
        past[at - 1].differences = differences(&past[at].document, &past[at - 1].document);
    }
    past.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(past)
}

/// Saves an old version's document as the newest version.
///
/// # Errors
/// [`SaveError`]; [`SaveError::Invalid`] in field `version` if it is not a number, or there is no
/// such version.
pub async fn restore(
    db: &Db,
    by: &By,
    kind: &'static Kind,
    seen: ExpectedVersion,
    version: Option<i64>,
) -> Result<Saved, SaveError> {
    let past = history(db, kind, EVERY).await?;
    let Some(past) = past.into_iter().find(|past| Some(past.version) == version) else {
        let which = version.map_or("such version".to_owned(), |number| format!("version {number}"));
        let message = format!("There is no {which} of these settings.");
        return Err(Invalid::one("version", Fault::NotFound, message).into());
    };
    save_document(db, by, kind, seen, past.document).await
}
