//! Microsoft's audit log of Azure AD B2C and Entra ID in its four export shapes: a Microsoft Graph
//! record, the same inside a diagnostic-settings envelope, a Log Analytics object, a row of its
//! CSV. Details are looked up by key, never by position, and may be JSON or a string with JSON.
//!
//! Phone verifications, fraud reports and prompts denied in the sign-in log become events;
//! everything else is [`Read::Ignored`], by operation name.

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

pub use field::Field;
pub use other::other_table;
pub use record::Record;

/// Reads one record.
///
/// # Errors
/// Not JSON, with line and column; [`Fault::Unreadable`] if it has none of Microsoft's shapes; else
/// the first invalid field.
pub fn parse(json: &[u8], now: DateTime<Utc>) -> Result<Read, Rejection> {
    let record: Record<'_> = serde_json::from_slice(json)?;
    record.recognised()?.read(None, Dates::default(), now)
}

impl Record<'_> {
    /// The record, if it has one of Microsoft's shapes.
    ///
    /// # Errors
    /// [`Fault::Unreadable`] otherwise.
    pub fn recognised(self) -> Result<Self, Rejection> {
        if self.is_recognised() {
            Ok(self)
        } else {
            Err(Rejection::new(
                Fault::Unreadable,
                "",
                "is not an audit record of Microsoft's: none of operationName, \
                 activityDisplayName, additionalDetails or properties is in it",
            ))
        }
    }
}
