//! What every tab of the page is given.

use super::draft::Draft;
use super::view::View;
use crate::page::Visit;
use chrono::{DateTime, Utc};
use domain::handles::HandleKey;
use domain::numbers::Plans;
use domain::reach_warnings::{Naming, in_view, of_types};
use domain::rules::{Currency, Settings};
use engine::settings::{Current, Past};
use islands::rules::item::{Group, Item};
use std::sync::Arc;

pub(super) const TITLE: &str = "Rules";

/// The address, what was read for it, and who looks.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) visit: Visit,
    pub(super) key: HandleKey,
    pub(super) view: View,
    /// The rules that hold.
    pub(super) current: Arc<Current<Settings>>,
    /// Versions before, newest first, where the tab tells of them.
    pub(super) past: Arc<Vec<Past>>,
    /// The change that is on its way.
    pub(super) draft: Option<Draft>,
    /// The languages that who looks reads, as the browser says them.
    pub(super) languages: String,
}

impl Given {
    pub(super) fn currency(&self) -> Currency {
        self.current.settings.spend.currency
    }

    /// What is said of rules about types of numbers that the regions which codes go to do not have.
    pub(super) fn lacking(&self, settings: &Settings) -> Vec<String> {
        let plans = Plans::current();
        let busiest = engine::settings::busiest(&self.visit.engine);
        let view = in_view(&plans, self.visit.engine.gate.rules().countries(), &busiest);
        of_types(&plans, settings, &view, Naming::Names)
    }

    /// Who changed a setting that does not say it itself, and when.
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
        let touched = |past: &&Past| {
            past.differences.iter().any(|difference| difference.name.starts_with(name))
        };
        let past = self.past.iter().find(touched)?;
        Some((past.changed_by.clone(), past.changed?))
    }
}
