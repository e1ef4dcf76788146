//! Reads foreign records and our own into [`crate::Event`]. One module per source.

pub use ignored::IgnoredKinds;

use crate::Fault;
use crate::events::words;
use serde::{Deserialize, Serialize};

pub mod azure;
mod ignored;
mod key;
pub mod neutral;
pub(crate) mod text;
pub(crate) mod time;

/// Why a record was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// The error code of the contract.
    pub code: Fault,
    /// The field concerned; empty for the whole record.
    pub field: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl Rejection {
    /// A refusal of `field` (empty for the whole record).
    pub fn new(code: Fault, field: &str, message: impl Into<String>) -> Self {
        Self { code, field: field.to_owned(), message: message.into() }
    }
}

impl From<serde_json::Error> for Rejection {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Fault::of_json(&error), "", error.to_string())
    }
}

words! {
    /// The order of dates that do not begin with the year.
    #[derive(Default)]
    Dates {
        /// Month first, and only with AM or PM; anything else is refused as ambiguous.
        #[default]
        Plain = "plain",
        /// Day first.
        Dmy = "dmy",
        /// Month first.
        Mdy = "mdy",
    }
}

/// The result of reading one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// A record that became an event.
    Event(Box<crate::Event>),
    /// Not a phone verification, like most records of Microsoft's logs: the operation's name.
    Ignored(String),
}
