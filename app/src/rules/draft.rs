//! A change that is not saved yet.

use super::{change::RuleChange, view::Tab};
use crate::saving;
use islands::rules::read::{Fields, RulePath};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// Id in URLs.
    pub(super) id: String,
    /// The version of the rules it was based on.
    pub(super) version: i64,
    pub(super) change: RuleChange,
    /// The place of its form; empty for lists.
    pub(super) place: String,
    /// What was typed into that form.
    pub(super) fields: Fields,
}

impl Draft {
    pub(super) fn new(version: i64, change: RuleChange, place: &str, fields: Fields) -> Self {
        Self { id: saving::new_id(), version, change, place: place.to_owned(), fields }
    }

    /// The tab of its form.
    pub(super) fn tab(&self) -> Tab {
        match &self.change {
            RuleChange::Numbers { .. } => Tab::Numbers,
            RuleChange::Prices(_) => Tab::Prices,
            RuleChange::One { .. } => {
                RulePath::read(&self.place).map_or(Tab::Rules, |at| Tab::of(&at))
            }
        }
    }
}

impl saving::Draft for Draft {
    const KEY: &'static str = "rules_draft";

    fn id(&self) -> &str {
        &self.id
    }
}
