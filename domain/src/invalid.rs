//! The one validation error: what was wrong, where, and what is allowed.

use crate::Fault;
use serde::{Deserialize, Serialize};

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name as the caller knows it (`phone`, `email`).
    pub field: String,
    /// What is wrong, for programs. What a session kept may be of an older version.
    #[serde(deserialize_with = "Fault::kept")]
    pub code: Fault,
    /// A sentence for people: what was wrong and what is allowed.
    pub message: String,
}

/// Why an input was refused, field by field. Never empty when used as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid {
    /// What was wrong, in the order found.
    pub fields: Vec<FieldError>,
}

impl Invalid {
    /// One error in one field.
    pub fn one(field: &str, code: Fault, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.push(field, code, message);
        invalid
    }

    /// Adds an error.
    pub fn push(&mut self, field: &str, code: Fault, message: impl Into<String>) {
        self.fields.push(FieldError { field: field.to_owned(), code, message: message.into() });
    }

    /// The message for a field, if it has one.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// `Ok(value)` when nothing was found wrong.
    ///
    /// # Errors
    /// Itself, when something was.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.fields.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, error) in self.fields.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", error.field, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
