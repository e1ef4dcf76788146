//! The sections, each a type of `domain`.

use chrono::{DateTime, Utc};
use domain::Invalid;
use serde::Serialize;
use serde::de::DeserializeOwned;

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
