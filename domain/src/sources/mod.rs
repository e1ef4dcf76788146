//! Foreign record shapes and our own, read into [`crate::Event`]. One file per source.

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

/// Why one record was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// What is wrong, for programs.
    pub code: Fault,
    /// The field it is about; empty when the record as a whole is.
    pub field: String,
    /// What was wrong and what is allowed.
    pub message: String,
}

impl Rejection {
    /// A rejection.
    pub fn new(code: Fault, field: &str, message: impl Into<String>) -> Self {
        Self { code, field: field.to_owned(), message: message.into() }
    }
}

words! {
    /// How a log writes dates that do not begin with the year.
    #[derive(Default)]
    Dates {
        /// Month first, and only with AM or PM behind it; everything else is refused, not guessed.
        #[default]
        Plain = "plain",
        /// Day first.
        Dmy = "dmy",
        /// Month first.
        Mdy = "mdy",
    }
}

/// What one record of a log became.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// An event.
    Event(Box<crate::Event>),
    /// A record that is no phone verification (Microsoft's logs hold many): what it is.
    Ignored(String),
}
