//! A section: a type that says what is allowed in it, and the same without its type.

use super::read;
use crate::Invalid;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One section's settings, as a type.
pub trait Section: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the store and in URLs: `fraud-alerts`.
    const NAME: &'static str;

    /// The section without its type.
    const KIND: &'static Kind = &Kind::of::<Self>();

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
    const fn of<T: Section>() -> Self {
        Self {
            name: T::NAME,
            default: read::default::<T>,
            read: canonical::<T>,
            allowed: T::allowed,
            signed: signed::<T>,
            weakened_by: weakened_by::<T>,
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
    pub fn signed(&self, document: Value, before: &Value, by: &str, now: DateTime<Utc>) -> Value {
        (self.signed)(document, before, by, now)
    }

    /// Whether a document switches off a protection that another has.
    pub fn weakened_by(&self, before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
        (self.weakened_by)(before, after, now)
    }

    /// Its name on the command line: `fraud_alerts`.
    pub fn command_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// The document as the type writes it.
fn canonical<T: Section>(document: Value) -> Result<Value, Invalid> {
    let settings = read::typed::<T>(document, T::allowed)?;
    settings.check()?;
    Ok(serde_json::to_value(settings).unwrap_or_default())
}

/// See [`Section::signed`].
fn signed<T: Section>(document: Value, before: &Value, by: &str, now: DateTime<Utc>) -> Value {
    let read = |document: &Value| serde_json::from_value::<T>(document.clone());
    match (read(&document), read(before)) {
        (Ok(settings), Ok(before)) => {
            serde_json::to_value(settings.signed(&before, by, now)).unwrap_or(document)
        }
        // Both were judged before: this is never reached.
        _ => document,
    }
}

/// See [`Section::weakened_by`].
fn weakened_by<T: Section>(before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
    let read = |document: &Value| serde_json::from_value::<T>(document.clone());
    match (read(before), read(after)) {
        (Ok(before), Ok(after)) => before.weakened_by(&after, now),
        // Both were judged before: this is never reached, and asks when in doubt.
        _ => true,
    }
}
