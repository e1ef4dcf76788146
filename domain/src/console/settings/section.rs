//! A settings section as a type that validates itself, and in type-erased form.

use super::read;
use crate::Invalid;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The settings of one section.
pub trait Section: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name in the store and in URLs: `fraud-alerts`.
    const NAME: &'static str;

    /// The type-erased section.
    const KIND: &'static Kind = &Kind::of::<Self>();

    /// What a setting allows, to follow "must be". Nested settings are named with dots.
    fn allowed(name: &str) -> Option<&'static str>;

    /// Whether every value is allowed.
    ///
    /// # Errors
    /// For each field that is not.
    fn check(&self) -> Result<(), Invalid>;

    /// The settings as stored when `by` saves them over `_before`.
    #[must_use]
    fn signed(self, _before: &Self, _by: &str, _now: DateTime<Utc>) -> Self {
        self
    }

    /// Whether the new settings turn off a protection in force, so that saving needs a recent
    /// password check.
    fn weakened_by(&self, _after: &Self, _now: DateTime<Utc>) -> bool {
        false
    }
}

/// A section without its type, for code that handles any section.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The name in the store and in URLs.
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

    /// The settings until somebody changes them.
    pub fn default_document(&self) -> Value {
        (self.default)()
    }

    /// Validates a document and fills in defaults.
    ///
    /// # Errors
    /// For each field that is unknown or invalid.
    pub fn read(&self, document: Value) -> Result<Value, Invalid> {
        (self.read)(document)
    }

    /// See [`Section::allowed`].
    pub fn allowed(&self, name: &str) -> Option<&'static str> {
        (self.allowed)(name)
    }

    /// See [`Section::signed`]; both documents must be valid.
    pub fn signed(&self, document: Value, before: &Value, by: &str, now: DateTime<Utc>) -> Value {
        (self.signed)(document, before, by, now)
    }

    /// See [`Section::weakened_by`]; both documents must be valid.
    pub fn weakened_by(&self, before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
        (self.weakened_by)(before, after, now)
    }

    /// The name on the command line: `fraud_alerts`.
    pub fn command_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// The validated document as the type serialises it.
fn canonical<T: Section>(document: Value) -> Result<Value, Invalid> {
    let settings = read::typed::<T>(document, T::allowed)?;
    settings.check()?;
    Ok(serde_json::to_value(settings).unwrap_or_default())
}

fn signed<T: Section>(document: Value, before: &Value, by: &str, now: DateTime<Utc>) -> Value {
    match both::<T>(&document, before) {
        Some((settings, before)) => {
            serde_json::to_value(settings.signed(&before, by, now)).unwrap_or(document)
        }
        // Unreachable: both were validated before.
        None => document,
    }
}

fn weakened_by<T: Section>(before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
    // `None` is unreachable, since both were validated before; asks to be safe.
    both::<T>(before, after).is_none_or(|(before, after)| before.weakened_by(&after, now))
}

fn both<T: Section>(one: &Value, other: &Value) -> Option<(T, T)> {
    let read = |document: &Value| serde_json::from_value(document.clone()).ok();
    Some((read(one)?, read(other)?))
}
