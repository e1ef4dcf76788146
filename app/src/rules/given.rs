//! Input of every tab.

use super::{draft::Draft, view::View};
use crate::page::PageContext;
use chrono::{DateTime, Utc};
use domain::reach_warnings::{Naming, in_view, of_types};
use domain::rules::{Currency, Settings};
use domain::{handles::HandleKey, numbers::Plans};
use engine::settings::{Current, PastVersion};
use islands::rules::item::{Group, Item};
use std::sync::Arc;

pub(super) const TITLE: &str = "Rules";

#[derive(Debug, Clone)]
pub(super) struct PageData {
    pub(super) visit: PageContext,
    pub(super) key: HandleKey,
    pub(super) view: View,
    pub(super) current: Arc<Current<Settings>>,
    /// Past versions, newest first, if the tab needs them.
    pub(super) past: Arc<Vec<PastVersion>>,
    pub(super) draft: Option<Draft>,
    /// The header `Accept-Language`.
    pub(super) languages: String,
}

impl PageData {
    pub(super) fn currency(&self) -> Currency {
        self.current.settings.spend.currency
    }

    /// Warnings about rules for number types that the served regions do not have.
    pub(super) fn lacking(&self, settings: &Settings) -> Vec<String> {
        let plans = Plans::current();
        let busiest = engine::settings::busiest(&self.visit.engine);
        let view = in_view(&plans, self.visit.engine.gate.rules().countries(), &busiest);
        of_types(&plans, settings, &view, Naming::Names)
    }

    /// Who last changed a setting that has no signature of its own, and when.
    pub(super) fn changed(&self, item: &Item) -> Option<(String, DateTime<Utc>)> {
        let name = match item.group() {
            Group::Trust => "trust",
            Group::Captcha => "captcha",
            Group::Store => "on_store_failure",
            Group::B2c => "b2c",
            Group::Spending => "spend.currency",
            Group::Messages => "user_message",
            _ => return None,
        };
        let touched = |past: &&PastVersion| {
            past.differences.iter().any(|difference| difference.name.starts_with(name))
        };
        let past = self.past.iter().find(touched)?;
        Some((past.changed_by.clone(), past.changed?))
    }
}
