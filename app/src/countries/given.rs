//! Input of every tab.

use super::{draft::Draft, file::UploadedFile, view::View};
use crate::page::PageContext;
use domain::countries::{ChannelCountries, Settings};
use domain::region_figures::Month;
use engine::settings::{Current, PastVersion};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) struct PageData {
    pub(super) visit: PageContext,
    pub(super) view: View,
    pub(super) current: Arc<Current<Settings>>,
    /// Past versions, newest first, if something on the page needs them; one more than shown, to
    /// compare with.
    pub(super) past: Arc<Vec<PastVersion>>,
    pub(super) draft: Option<Draft>,
    pub(super) month: Arc<Month>,
    /// The language file uploaded with this request.
    pub(super) opened: Option<UploadedFile>,
}

impl PageData {
    /// The current settings with the draft applied.
    pub(super) fn settings(&self) -> Settings {
        let held = &self.current.settings;
        self.draft.as_ref().map_or_else(|| held.clone(), |draft| draft.on(held))
    }

    /// As [`PageData::settings`], for the channel shown.
    pub(super) fn channel_countries(&self) -> ChannelCountries {
        self.settings().of(self.view.channel).cloned().unwrap_or_default()
    }
}
