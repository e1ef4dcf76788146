//! Settings: sections, each a document with versions, changed in the same way by page, API and
//! command line.

mod difference;
mod held;
mod history;
mod reach;
mod save;

use domain::Invalid;
use domain::settings::{Kind, SECTIONS, assignment};
use serde_json::Value;
use sqlx::PgConnection;

pub use difference::Difference;
pub(crate) use held::load_document;
pub use held::{Current, load};
pub use history::{PastVersion, history, restore};
pub use reach::{busiest, warnings, warnings_now, warnings_of_rules};
pub use save::{ExpectedVersion, SaveError, Saved, save, save_document};

/// The current document of a section, read with a new connection.
///
/// # Errors
/// If the store fails, or contains a document that this program cannot read.
pub async fn now(db: &store::Db, kind: &Kind) -> Result<Current<Value>, store::Error> {
    let mut conn = db.conn().await?;
    load_document(&mut conn, kind).await
}

/// The current document of every section, in order.
///
/// # Errors
/// If the store fails, or contains a document that this program cannot read.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<(&'static Kind, Value)>, store::Error> {
    let mut all = Vec::with_capacity(SECTIONS.len());
    for kind in SECTIONS {
        all.push((kind, load_document(conn, kind).await?.settings));
    }
    Ok(all)
}

/// The sections that command-line assignments refer to, each once.
///
/// # Errors
/// With the assignment that is not valid, or names an unknown setting.
pub fn sections_of(assignments: &[String]) -> Result<Vec<&'static Kind>, Invalid> {
    let mut kinds: Vec<&'static Kind> = Vec::new();
    for text in assignments {
        let (kind, ..) = assignment(text)?;
        if kinds.iter().all(|known| known.name != kind.name) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Changes settings from the command line: `fraud_alerts.auto_block=true`; each value is parsed
/// according to the setting's type. All changes are made in one transaction, with one audit entry.
///
/// # Errors
/// With the setting's name, the value and what is allowed.
pub async fn set(
    db: &store::Db,
    by: &domain::audit::By,
    assignments: &[String],
) -> Result<bool, SaveError> {
    let mut conn = db.conn().await?;
    let mut sections: Vec<(&'static Kind, Current<Value>)> = Vec::new();
    for text in assignments {
        let (kind, path, value) = assignment(text)?;
        let at = match sections.iter().position(|(known, _)| known.name == kind.name) {
            Some(at) => at,
            None => {
                sections.push((kind, load_document(&mut conn, kind).await?));
                sections.len() - 1
            }
        };
        kind.assign(&mut sections[at].1.settings, path, value)?;
    }
    drop(conn);
    let changes = sections
        .into_iter()
        .map(|(kind, current)| (kind, ExpectedVersion::Version(current.version), current.settings))
        .collect();
    Ok(save::save_all(db, by, changes).await?.changed)
}

#[cfg(test)]
mod tests;
