//! Microsoft's audit log of Azure AD B2C and Entra ID, in the four shapes it is exported in:
//! a record of Microsoft Graph, the same inside a diagnostic-settings
//! envelope, an object of Log Analytics, a row of its CSV. Details are looked up by key, never by
//! position, and may be JSON or a string that holds JSON.
//!
//! Phone verifications, users' reports of fraud and what users said no to in the sign-in log become
//! events; everything else is [`Read::Ignored`], by the name of its operation.

mod canonical;
mod details;
mod extra;
mod facts;
mod field;
mod flat;
mod listed;
mod nested;
mod other;
mod outcome;
mod read;
mod record;
mod sign_in;
mod steps;
#[cfg(test)]
mod tests;
mod time;

use super::{Dates, Read, Rejection};
use crate::Fault;
use chrono::{DateTime, Utc};
use serde::Deserialize;

pub use field::Field;
pub use other::other_table;
pub use record::Record;

/// Reads one record.
///
/// # Errors
/// What was wrong first. The message has line and column.
pub fn parse(json: &[u8], now: DateTime<Utc>) -> Result<Read, Rejection> {
    let record: Record<'_> = serde_json::from_slice(json)
        .map_err(|error| Rejection::new(Fault::of_json(&error), "", error.to_string()))?;
    record.recognised()?.read(None, Dates::default(), now)
}

/// The same from JSON that has been parsed already.
///
/// # Errors
/// As [`parse`].
pub fn from_json(json: &serde_json::Value, now: DateTime<Utc>) -> Result<Read, Rejection> {
    let record = Record::deserialize(json)
        .map_err(|error| Rejection::new(Fault::of_json(&error), "", error.to_string()))?;
    record.recognised()?.read(None, Dates::default(), now)
}

impl Record<'_> {
    /// Itself, if it is one of Microsoft's shapes.
    ///
    /// # Errors
    /// [`Fault::Unreadable`] when it is not.
    pub fn recognised(self) -> Result<Self, Rejection> {
        if self.is_recognised() {
            Ok(self)
        } else {
            Err(Rejection::new(
                Fault::Unreadable,
                "",
                "is no audit record of Microsoft's: none of operationName, activityDisplayName, \
                 additionalDetails or properties is in it",
            ))
        }
    }
}
