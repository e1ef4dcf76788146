//! A change on its way: kept in the session between its form, its preview and its being saved.

use super::change::Change;
use super::view::Tab;
use crate::form::{failed, session};
use islands::rules::read::{Fields, Place};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;

/// Where the session keeps it.
const KEY: &str = "rules_draft";

/// One change that is not saved yet. A session has one: a newer takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Its name in addresses.
    pub(super) id: String,
    /// The version of the rules that it was made on.
    pub(super) version: i64,
    pub(super) change: Change,
    /// The place of the form it comes from; empty for lists.
    pub(super) place: String,
    /// What was typed there.
    pub(super) fields: Fields,
}

impl Draft {
    /// A change made on a version.
    pub(super) fn new(version: i64, change: Change, place: &str, fields: Fields) -> Self {
        let [a, b, c, d, e, f] = store::random::bytes::<6>();
        let id = format!("{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}");
        Self { id, version, change, place: place.to_owned(), fields }
    }

    /// The tab that it comes from.
    pub(super) fn tab(&self) -> Tab {
        match &self.change {
            Change::Numbers { .. } => Tab::Numbers,
            Change::Prices(_) => Tab::Prices,
            Change::One { .. } => Place::read(&self.place).map_or(Tab::Rules, |at| Tab::of(&at)),
        }
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub(super) async fn keep(&self, session: &Session) -> Result<(), Error> {
        session.insert(KEY, self).await
    }
}

/// The draft of this name, if the session has it.
///
/// # Errors
/// When the session cannot be read.
pub(super) async fn find(session: &Session, id: &str) -> Result<Option<Draft>, Error> {
    Ok(session.get::<Draft>(KEY).await?.filter(|draft| draft.id == id))
}

/// The same from a server function.
///
/// # Errors
/// When the session cannot be read.
pub(super) async fn of_request(id: &str) -> Result<Option<Draft>, ServerFnError> {
    find(&session()?, id).await.map_err(|error| failed(&error))
}

/// Forgets the draft that the session has.
///
/// # Errors
/// When the session cannot be written.
pub(super) async fn forget(session: &Session) -> Result<(), Error> {
    session.remove::<Draft>(KEY).await.map(|_| ())
}
