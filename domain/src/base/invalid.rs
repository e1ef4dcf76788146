//! The validation error of all inputs: the fields, their faults and what is allowed.

use crate::Fault;
use serde::{Deserialize, Serialize};

/// One error in one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the input (`phone`, `email`).
    pub field: String,
    /// The fault for programs. Sessions may hold words of an older version.
    #[serde(deserialize_with = "Fault::deserialize_known")]
    pub code: Fault,
    /// A sentence for people: what was wrong and what is allowed.
    pub message: String,
}

/// Why an input was refused, field by field. Not empty when used as an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid {
    /// In the order found.
    pub fields: Vec<FieldError>,
}

impl Invalid {
    /// A single error.
    pub fn one(field: &str, code: Fault, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.push(field, code, message);
        invalid
    }

    /// Adds an error.
    pub fn push(&mut self, field: &str, code: Fault, message: impl Into<String>) {
        self.fields.push(FieldError { field: field.to_owned(), code, message: message.into() });
    }

    /// Keeps the errors of another check; its value where it found none.
    pub fn keep<T>(&mut self, read: Result<T, Self>) -> Option<T> {
        read.map_err(|wrong| self.fields.extend(wrong.fields)).ok()
    }

    /// The message of a field's first error.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// `Ok(value)` if there are no errors.
    ///
    /// # Errors
    /// `self`, if it holds any.
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
