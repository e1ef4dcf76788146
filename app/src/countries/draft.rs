//! A change that is not saved yet.

use crate::saving;
use domain::Channel;
use domain::countries::{CHANNELS, ChannelCountries, Settings, diff};
use serde::{Deserialize, Serialize};

/// An unsaved change of one or several channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// Id in URLs.
    pub(super) id: String,
    /// The version it was based on.
    pub(super) version: i64,
    /// The settings of that version.
    pub(super) before: Settings,
    /// The settings asked for.
    pub(super) after: Settings,
}

impl Draft {
    pub(super) fn new(version: i64, before: Settings, after: Settings) -> Self {
        Self { id: saving::new_id(), version, before, after }
    }

    /// Rebases the change onto the current settings: what it does not touch stays as others saved
    /// it.
    pub(super) fn on(&self, now: &Settings) -> Settings {
        let mut put = now.clone();
        for channel in CHANNELS {
            let of = |settings: &Settings| settings.of(channel).cloned().unwrap_or_default();
            let (before, after) = (of(&self.before), of(&self.after));
            if let Some(put) = put.of_mut(channel) {
                rebase(put, &before, &after);
            }
        }
        put
    }

    pub(super) fn channels(&self) -> Vec<Channel> {
        diff(&self.before, &self.after).into_iter().map(|of| of.channel).collect()
    }
}

fn rebase(now: &mut ChannelCountries, before: &ChannelCountries, after: &ChannelCountries) {
    if before.mode != after.mode {
        now.mode = after.mode;
    }
    now.regions.extend(after.regions.difference(&before.regions));
    now.regions.retain(|region| !before.regions.contains(region) || after.regions.contains(region));
}

impl saving::Draft for Draft {
    const KEY: &'static str = "countries_draft";

    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::countries::Mode;

    fn of(mode: Mode, codes: &[&str]) -> ChannelCountries {
        ChannelCountries { mode, regions: codes.iter().map(|code| code.parse().unwrap()).collect() }
    }

    #[test]
    fn a_change_keeps_what_others_changed() {
        let before = Settings { voice: of(Mode::Allowlist, &["US", "GB", "FR"]), ..<_>::default() };
        let mut after = before.clone();
        after.voice = of(Mode::Allowlist, &["US", "GB", "DE"]);
        let draft = Draft::new(3, before.clone(), after.clone());
        assert_eq!(draft.on(&before), after, "on what it was made of, it is what it says");
        assert_eq!(draft.channels(), [Channel::Voice]);

        let mut now = before.clone();
        now.voice = of(Mode::Monitor, &["US", "FR", "JE"]);
        now.sms = of(Mode::Allowlist, &["CH"]);
        let both = draft.on(&now);
        assert_eq!(both.voice, of(Mode::Monitor, &["US", "DE", "JE"]));
        assert_eq!(both.sms, now.sms);

        // The same twice is the same once.
        assert_eq!(draft.on(&both), both);
    }

    #[test]
    fn of_two_modes_the_draft_has_the_last_word() {
        let before = Settings::default();
        let after = Settings { rcs: of(Mode::Allowlist, &[]), ..Settings::default() };
        let now = Settings { rcs: of(Mode::Monitor, &["US"]), ..Settings::default() };
        let draft = Draft::new(0, before, after);
        assert_eq!(draft.on(&now).rcs, of(Mode::Allowlist, &["US"]));
    }
}
