//! Settings: sections of them, each a document with versions, changed the same way by page, API
//! and command line.

mod history;
mod reach;
mod read;
mod save;

use chrono::{DateTime, Utc};
use domain::Invalid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::PgConnection;

pub use history::{Difference, Past, differences, history, restore};
pub use reach::{busiest, warnings, warnings_now, warnings_of_rules};
pub use save::{SaveError, Saved, save, save_all};

/// One section's settings, as a type.
pub trait Section: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the store and in URLs: `fraud-alerts`.
    const NAME: &'static str;

    /// What is allowed for a setting, after "must be". A setting inside another is named with
    /// dots.
    fn allowed(name: &str) -> Option<&'static str>;

    /// Whether every value is within what is allowed.
    ///
    /// # Errors
    /// For each field that is not.
    fn check(&self) -> Result<(), Invalid>;

    /// The settings as they are kept, in the name of whoever saves them over what held before.
    #[must_use]
    fn signed(self, _before: &Self, _by: &str, _now: DateTime<Utc>) -> Self {
        self
    }

    /// Whether the settings that come switch off a protection that holds now: whoever does that
    /// must have given the password lately.
    fn weakened_by(&self, _after: &Self, _now: DateTime<Utc>) -> bool {
        false
    }
}

impl Section for domain::fraud_alerts::Settings {
    const NAME: &'static str = "fraud-alerts";

    fn allowed(name: &str) -> Option<&'static str> {
        Self::field(name).map(|field| field.allowed)
    }

    fn check(&self) -> Result<(), Invalid> {
        self.check()
    }

    fn weakened_by(&self, after: &Self, _now: DateTime<Utc>) -> bool {
        self.weakened_by(after)
    }
}

impl Section for domain::notify::Settings {
    const NAME: &'static str = "notifications";

    fn allowed(name: &str) -> Option<&'static str> {
        Self::allowed(name)
    }

    fn check(&self) -> Result<(), Invalid> {
        self.check()
    }

    fn weakened_by(&self, after: &Self, _now: DateTime<Utc>) -> bool {
        self.weakened_by(after)
    }
}

impl Section for domain::countries::Settings {
    const NAME: &'static str = "countries";

    fn allowed(name: &str) -> Option<&'static str> {
        Self::allowed(name)
    }

    fn check(&self) -> Result<(), Invalid> {
        self.check()
    }

    fn weakened_by(&self, after: &Self, _now: DateTime<Utc>) -> bool {
        self.weakened_by(after)
    }
}

impl Section for domain::rules::Settings {
    const NAME: &'static str = "rules";

    fn allowed(name: &str) -> Option<&'static str> {
        Self::allowed(name)
    }

    fn check(&self) -> Result<(), Invalid> {
        self.check()
    }

    fn signed(self, before: &Self, by: &str, now: DateTime<Utc>) -> Self {
        self.signed(before, by, now)
    }

    fn weakened_by(&self, after: &Self, now: DateTime<Utc>) -> bool {
        self.weakened_by(after, now)
    }
}

impl Section for domain::names::Settings {
    const NAME: &'static str = "names";

    fn allowed(name: &str) -> Option<&'static str> {
        Self::allowed(name)
    }

    fn check(&self) -> Result<(), Invalid> {
        self.check()
    }
}

/// A section without its type, for doors that take any.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name in the store and in URLs.
    pub name: &'static str,
    default: fn() -> Value,
    read: fn(Value) -> Result<Value, Invalid>,
    allowed: fn(&str) -> Option<&'static str>,
    signed: fn(Value, &Value, &str, DateTime<Utc>) -> Value,
    weakened_by: fn(&Value, &Value, DateTime<Utc>) -> bool,
}

impl Kind {
    /// Of a type.
    pub const fn of<T: Section>() -> Self {
        Self {
            name: T::NAME,
            default: read::default::<T>,
            read: read::canonical::<T>,
            allowed: T::allowed,
            signed: read::signed::<T>,
            weakened_by: read::weakened_by::<T>,
        }
    }

    /// The section's settings while nobody has changed any.
    pub fn default_document(&self) -> Value {
        (self.default)()
    }

    /// Judges a document; what it lacks has its default in what comes back.
    ///
    /// # Errors
    /// For each field that is wrong or unknown.
    pub fn read(&self, document: Value) -> Result<Value, Invalid> {
        (self.read)(document)
    }

    /// What is allowed for a setting, after "must be".
    pub fn allowed(&self, name: &str) -> Option<&'static str> {
        (self.allowed)(name)
    }

    /// A document that was judged, as it is kept in the name of whoever saves it.
    fn signed(&self, document: Value, before: &Value, by: &str, now: DateTime<Utc>) -> Value {
        (self.signed)(document, before, by, now)
    }

    /// Whether a document switches off a protection that another has.
    fn weakened_by(&self, before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
        (self.weakened_by)(before, after, now)
    }

    /// Its name on the command line: `fraud_alerts`.
    pub fn command_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// Every section there is, by name.
pub const SECTIONS: &[Kind] = &[
    Kind::of::<domain::fraud_alerts::Settings>(),
    Kind::of::<domain::notify::Settings>(),
    Kind::of::<domain::countries::Settings>(),
    Kind::of::<domain::rules::Settings>(),
    Kind::of::<domain::names::Settings>(),
];

/// The section of a name.
pub fn section(name: &str) -> Option<&'static Kind> {
    SECTIONS.iter().find(|kind| kind.name == name)
}

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

fn corrupt(section: &str, error: impl std::fmt::Display) -> store::Error {
    store::Error::Corrupt { table: "settings", what: format!("{section}: {error}") }
}

/// The same, by a connection of its own.
///
/// # Errors
/// As [`load`].
pub async fn now(db: &store::Db, kind: &Kind) -> Result<Current<Value>, store::Error> {
    let mut conn = db.conn().await?;
    load_document(&mut conn, kind).await
}

/// Every section as it holds, in order.
///
/// # Errors
/// As [`load`].
pub async fn all(conn: &mut PgConnection) -> Result<Vec<(&'static Kind, Value)>, store::Error> {
    let mut all = Vec::with_capacity(SECTIONS.len());
    for kind in SECTIONS {
        all.push((kind, load_document(conn, kind).await?.settings));
    }
    Ok(all)
}

/// The sections that assignments on the command line are of, each once.
///
/// # Errors
/// As [`set`].
pub fn sections_of(assignments: &[String]) -> Result<Vec<&'static Kind>, Invalid> {
    let mut kinds: Vec<&'static Kind> = Vec::new();
    for assignment in assignments {
        let (kind, ..) = read::assignment(assignment)?;
        if kinds.iter().all(|known| known.name != kind.name) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Settings changed from the command line: `fraud_alerts.auto_block=true`, each value read as the
/// setting's own type. All in one transaction, with one entry in the audit log.
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
    for assignment in assignments {
        let (kind, path, value) = read::assignment(assignment)?;
        let at = match sections.iter().position(|(known, _)| known.name == kind.name) {
            Some(at) => at,
            None => {
                sections.push((kind, load_document(&mut conn, kind).await?));
                sections.len() - 1
            }
        };
        read::assign(kind, &mut sections[at].1.settings, path, value)?;
    }
    drop(conn);
    let changes = sections
        .into_iter()
        .map(|(kind, current)| (kind, Some(current.version), current.settings))
        .collect();
    Ok(save_all(db, by, changes).await?.changed)
}

#[cfg(test)]
mod tests;
