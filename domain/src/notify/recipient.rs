//! Recipients to be added and changed, and both read from JSON.

use super::{AlertKind, Reach};
use crate::Invalid;
use crate::form::Form;
use serde_json::{Map, Value};

/// What a new recipient is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecipient {
    /// How it is reached.
    pub kind: Reach,
    /// Where.
    pub address: String,
    /// Which alerts it gets; all, if nothing is said.
    pub events: Option<Vec<AlertKind>>,
}

impl NewRecipient {
    /// Reads a recipient's JSON object; whether its address is one is judged when it is added.
    ///
    /// # Errors
    /// For each field that is wrong or missing, and each that no recipient has.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = Form::of(json, "recipient", &["kind", "address", "events"]);
        let kind = form.word("kind");
        form.require("kind", &kind, "is required: email or webhook");
        let address = form.string("address");
        form.require("address", &address, "is required: an e-mail address or a webhook's URL");
        let events = events(&mut form);
        let (kind, address) = (kind.unwrap_or(Reach::Email), address.unwrap_or_default());
        form.done(Self { kind, address: address.to_owned(), events })
    }
}

/// What is to change of a recipient; nothing said stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecipientChange {
    /// Which alerts it gets.
    pub events: Option<Vec<AlertKind>>,
    /// Whether it gets none for now.
    pub paused: Option<bool>,
}

impl RecipientChange {
    /// Reads a change's JSON object.
    ///
    /// # Errors
    /// For each field that is wrong, and each that cannot be changed.
    pub fn read(json: &Map<String, Value>) -> Result<Self, Invalid> {
        let mut form = Form::of(json, "change of a recipient", &["events", "paused"]);
        let (events, paused) = (events(&mut form), form.flag("paused"));
        form.done(Self { events, paused })
    }
}

fn events(form: &mut Form<'_>) -> Option<Vec<AlertKind>> {
    let known: Vec<_> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
    form.words("events", &known)
}
