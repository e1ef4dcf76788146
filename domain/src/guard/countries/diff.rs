//! What a change of the settings changes, shown before it is saved.

use super::{CHANNELS, Mode, Settings, by_name};
use crate::regions::name;
use crate::{Channel, Region};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A region with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRegion {
    /// The region's code.
    pub region: Region,
    /// In English.
    pub name: String,
}

/// A changed mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeChange {
    /// The saved mode.
    pub before: Mode,
    /// The mode to be saved.
    pub after: Mode,
}

/// The changes of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelDiff {
    /// One of [`CHANNELS`].
    pub channel: Channel,
    /// `None` when the mode stays.
    pub mode: Option<ModeChange>,
    /// Regions added to the list, by name.
    pub added: Vec<NamedRegion>,
    /// Regions removed from the list, by name.
    pub removed: Vec<NamedRegion>,
}

/// The changes by channel, in the order of the page; unchanged channels are left out.
pub fn diff(before: &Settings, after: &Settings) -> Vec<ChannelDiff> {
    let of = |channel| {
        let (before, after) = (before.of(channel)?, after.of(channel)?);
        let changed = before.mode != after.mode;
        let diff = ChannelDiff {
            channel,
            mode: changed.then_some(ModeChange { before: before.mode, after: after.mode }),
            added: named(after.regions.difference(&before.regions)),
            removed: named(before.regions.difference(&after.regions)),
        };
        (before != after).then_some(diff)
    };
    CHANNELS.into_iter().filter_map(of).collect()
}

fn named<'a>(regions: impl Iterator<Item = &'a Region>) -> Vec<NamedRegion> {
    let regions: BTreeSet<Region> = regions.copied().collect();
    by_name(&regions).map(|region| NamedRegion { region, name: name(&region).to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::ChannelCountries;
    use super::super::settings::tests::of;
    use super::*;
    use proptest::prelude::*;

    fn names(named: &[NamedRegion]) -> Vec<&str> {
        named.iter().map(|one| one.name.as_str()).collect()
    }

    #[test]
    fn what_changes_is_told_by_channel_and_name() {
        let before = Settings { voice: of(Mode::All, &["US", "ZW"]), ..Settings::default() };
        let mut after = before.clone();
        assert!(diff(&before, &after).is_empty());
        after.voice = of(Mode::Allowlist, &["US", "GB", "AX", "AL", "001"]);
        after.rcs = of(Mode::All, &["DE"]);
        let found = diff(&before, &after);
        let [voice, rcs] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((voice.channel, rcs.channel), (Channel::Voice, Channel::Rcs));
        assert_eq!(voice.mode, Some(ModeChange { before: Mode::All, after: Mode::Allowlist }));
        let world = name(&Region::WORLD);
        let mut added = vec!["Åland Islands", "Albania", "United Kingdom", world];
        added.sort_by_key(|name| crate::regions::all().iter().position(|info| info.name == *name));
        assert_eq!(names(&voice.added), added);
        assert_eq!(names(&voice.removed), ["Zimbabwe"]);
        assert_eq!((rcs.mode, names(&rcs.added), rcs.removed.len()), (None, vec!["Germany"], 0));
    }

    #[test]
    fn the_browser_reads_what_the_server_writes() {
        let after = Settings { sms: of(Mode::Monitor, &["US"]), ..Settings::default() };
        let found = diff(&Settings::default(), &after);
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Vec<ChannelDiff>>(&text).unwrap(), found);
    }

    fn some() -> impl Strategy<Value = ChannelCountries> {
        let codes = ["US", "GB", "DE", "AX", "001", "JM", "ZW"];
        let codes = prop::sample::subsequence(codes.to_vec(), 0..=codes.len());
        (prop::sample::select(Mode::ALL), codes).prop_map(|(mode, codes)| of(mode, &codes))
    }

    proptest! {
        #[test]
        fn before_and_the_differences_make_after(from in some(), to in some(), both in some()) {
            let before = Settings { sms: from.clone(), rcs: both.clone(), ..Settings::default() };
            let after = Settings { sms: to.clone(), rcs: both, ..Settings::default() };
            let mut made = from;
            for one in diff(&before, &after) {
                prop_assert_eq!(one.channel, Channel::Sms);
                made.mode = one.mode.map_or(made.mode, |mode| mode.after);
                for gone in &one.removed {
                    prop_assert!(made.regions.remove(&gone.region), "was there");
                }
                for new in &one.added {
                    prop_assert!(made.regions.insert(new.region), "was not there");
                }
            }
            prop_assert_eq!(made, to);
        }
    }
}
