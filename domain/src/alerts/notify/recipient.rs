//! New recipients and changes to them, read from JSON.

use super::{AlertKind, Reach};
use crate::Invalid;
use crate::form::ObjectReader;
use serde_json::{Map, Value};

/// A recipient to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecipient {
    /// How it is reached.
    pub kind: Reach,
    /// As given, not yet validated: see [`Address::parse`](super::Address::parse).
    pub address: String,
    /// The alerts it gets; `None` for all.
    pub events: Option<Vec<AlertKind>>,
}

impl NewRecipient {
    /// Reads a recipient's JSON object. Its address is validated when it is added.
    ///
    /// # Errors
    /// For each field that is unknown, missing or has a wrong value.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "recipient", &["kind", "address", "events"]);
        let kind = form.word("kind");
        form.require("kind", &kind, "is required: email or webhook");
        let address = form.string("address");
        form.require("address", &address, "is required: an e-mail address or a webhook's URL");
        let events = events(&mut form);
        let (kind, address) = (kind.unwrap_or(Reach::Email), address.unwrap_or_default());
        form.done(Self { kind, address: address.to_owned(), events })
    }
}

/// A change to a recipient; absent fields keep their value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientChange {
    /// The alerts it gets from now on.
    pub events: Option<Vec<AlertKind>>,
    /// Whether it gets no alerts for now.
    pub paused: Option<bool>,
}

impl RecipientChange {
    /// Reads a change's JSON object.
    ///
    /// # Errors
    /// For each field that is unknown, cannot be changed or has a wrong value.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "change of a recipient", &["events", "paused"]);
        let (events, paused) = (events(&mut form), form.flag("paused"));
        form.done(Self { events, paused })
    }
}

fn events(form: &mut ObjectReader<'_>) -> Option<Vec<AlertKind>> {
    let known: Vec<_> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
    form.words("events", &known)
}
