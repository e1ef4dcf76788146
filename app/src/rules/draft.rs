//! A change on its way: kept in the session between its form, its preview and its being saved.

use super::change::Change;
use super::view::Tab;
use crate::saving;
use islands::rules::read::{Fields, Place};
use serde::{Deserialize, Serialize};

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
        Self { id: saving::new_id(), version, change, place: place.to_owned(), fields }
    }

    /// The tab that it comes from.
    pub(super) fn tab(&self) -> Tab {
        match &self.change {
            Change::Numbers { .. } => Tab::Numbers,
            Change::Prices(_) => Tab::Prices,
            Change::One { .. } => Place::read(&self.place).map_or(Tab::Rules, |at| Tab::of(&at)),
        }
    }
}

impl saving::Draft for Draft {
    const KEY: &'static str = "rules_draft";

    fn id(&self) -> &str {
        &self.id
    }
}
