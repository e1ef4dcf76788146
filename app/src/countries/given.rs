//! Input of every tab.

use super::{draft::Draft, file::Opened, view::View};
use crate::page::Visit;
use domain::countries::{ChannelCountries, Settings};
use domain::region_figures::Month;
use engine::settings::{Current, Past};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) visit: Visit,
    pub(super) view: View,
    pub(super) current: Arc<Current<Settings>>,
    /// Past versions, newest first, if something on the page needs them; one more than shown, to
    /// compare with.
    pub(super) past: Arc<Vec<Past>>,
    pub(super) draft: Option<Draft>,
    pub(super) month: Arc<Month>,
    /// The language file uploaded with this request.
    pub(super) opened: Option<Opened>,
}

impl Given {
    /// The current settings with the draft applied.
    pub(super) fn settings(&self) -> Settings {
        let held = &self.current.settings;
        self.draft.as_ref().map_or_else(|| held.clone(), |draft| draft.on(held))
    }

    /// As [`Given::settings`], for the channel shown.
    pub(super) fn shown(&self) -> ChannelCountries {
        self.settings().of(self.view.channel).cloned().unwrap_or_default()
    }
}
