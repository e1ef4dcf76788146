//! What every tab of the page is given.

use super::draft::Draft;
use super::file::Opened;
use super::view::View;
use crate::page::Visit;
use domain::countries::{ChannelCountries, Settings};
use domain::region_figures::Month;
use engine::settings::{Current, Past};
use std::sync::Arc;

/// The address, what was read for it, and who looks.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) visit: Visit,
    pub(super) view: View,
    pub(super) current: Arc<Current<Settings>>,
    /// Versions before, newest first, where something tells of them; one more than is told.
    pub(super) past: Arc<Vec<Past>>,
    /// The change that is not saved yet.
    pub(super) draft: Option<Draft>,
    pub(super) month: Arc<Month>,
    /// The language file that was sent with the request.
    pub(super) opened: Option<Opened>,
}

impl Given {
    /// The settings as they would be with the draft.
    pub(super) fn settings(&self) -> Settings {
        let held = &self.current.settings;
        self.draft.as_ref().map_or_else(|| held.clone(), |draft| draft.on(held))
    }

    /// The same of the channel that is shown.
    pub(super) fn shown(&self) -> ChannelCountries {
        self.settings().of(self.view.channel).cloned().unwrap_or_default()
    }
}
