//! The current settings of a section.

use domain::settings::{Kind, Section};
use serde_json::Value;
use sqlx::PgConnection;

/// A section's settings with their version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current<T> {
    /// Version number; 0 if nobody has changed them yet.
    pub version: i64,
    /// The settings themselves.
    pub settings: T,
}

impl Current<Value> {
    /// A strong entity tag of the document: its version and a digest of its bytes, because a newer
    /// program may have more settings in the same version.
    pub fn etag(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(self.settings.to_string());
        format!("\"{}-{}\"", self.version, domain::keys::hex(&digest[..6]))
    }
}

/// The current settings of a section.
///
/// # Errors
/// If the store fails, or contains a document that this program cannot read.
pub async fn load<T: Section>(conn: &mut PgConnection) -> Result<Current<T>, store::Error> {
    let Some(kept) = store::settings::current(conn, T::NAME).await? else {
        return Ok(Current { version: 0, settings: T::default() });
    };
    let settings =
        serde_json::from_value(kept.document).map_err(|error| corrupt(T::NAME, error))?;
    Ok(Current { version: kept.version, settings })
}

/// The current settings of a section as a document.
///
/// # Errors
/// If the store fails, or contains a document that this program cannot read.
pub(crate) async fn load_document(
    conn: &mut PgConnection,
    kind: &Kind,
) -> Result<Current<Value>, store::Error> {
    let Some(kept) = store::settings::current(conn, kind.name).await? else {
        return Ok(Current { version: 0, settings: kind.default_document() });
    };
    let settings = kind.read(kept.document).map_err(|error| corrupt(kind.name, error))?;
    Ok(Current { version: kept.version, settings })
}

pub(super) fn corrupt(section: &str, error: impl std::fmt::Display) -> store::Error {
    store::Error::Corrupt { table: "settings", what: format!("{section}: {error}") }
}
