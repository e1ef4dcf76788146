//! What holds of a section.

use domain::settings::{Kind, Section};
use serde_json::Value;
use sqlx::PgConnection;

/// A section's settings, and which version of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current<T> {
    /// Its number; 0 while nobody has changed any.
    pub version: i64,
    /// The settings.
    pub settings: T,
}

impl Current<Value> {
    /// A strong entity tag of the document: its version, and a digest of its bytes, since a newer
    /// program may know more settings of the same version.
    pub fn etag(&self) -> String {
        use sha2::{Digest as _, Sha256};
        let digest = Sha256::digest(self.settings.to_string());
        format!("\"{}-{}\"", self.version, domain::keys::hex(&digest[..6]))
    }
}

/// What holds of a section.
///
/// # Errors
/// When the store refuses, or holds what this program cannot read.
pub async fn load<T: Section>(conn: &mut PgConnection) -> Result<Current<T>, store::Error> {
    let Some(kept) = store::settings::current(conn, T::NAME).await? else {
        return Ok(Current { version: 0, settings: T::default() });
    };
    let settings =
        serde_json::from_value(kept.document).map_err(|error| corrupt(T::NAME, error))?;
    Ok(Current { version: kept.version, settings })
}

/// The same as a document.
///
/// # Errors
/// As [`load`].
pub async fn load_document(
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
