//! The sections without their types.

use super::read;
use super::section::Section;
use chrono::{DateTime, Utc};
use domain::Invalid;
use serde_json::Value;

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
    pub(super) fn signed(
        &self,
        document: Value,
        before: &Value,
        by: &str,
        now: DateTime<Utc>,
    ) -> Value {
        (self.signed)(document, before, by, now)
    }

    /// Whether a document switches off a protection that another has.
    pub(super) fn weakened_by(&self, before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
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
