//! The section of settings `countries`.

use crate::settings::Section;
use crate::words::words;
use crate::{Channel, Fault, Invalid, Region, regions};
use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The channels that reach a phone number and therefore have regions, in the order of the page.
pub const CHANNELS: [Channel; 4] = [Channel::Voice, Channel::Sms, Channel::Whatsapp, Channel::Rcs];
/// Adding more regions than this to an allowlist at once counts as opening it.
const MANY: usize = 20;

words! {
    /// What a channel's list of regions means.
    Mode, label {
        /// Only the listed regions are served.
        Allowlist = "allowlist" => "Only the regions named",
        /// Every region is served; `001` only when it is listed.
        All = "all" => "Every region",
        /// What an allowlist would refuse is served and marked; `001` is served only when it is
        /// listed.
        Monitor = "monitor" => "Monitor",
    }
}

impl Mode {
    /// An explanation for the page.
    pub fn help(self) -> &'static str {
        match self {
            Self::Allowlist => "Numbers of the regions named are served; all others are refused.",
            Self::All => {
                "Numbers of every region are served. Numbers of no country (001) are served only \
                 when 001 is named."
            }
            Self::Monitor => {
                "Codes to other regions than those named are sent and marked, so that you see \
                 what the list would refuse. Numbers of no country (001) are served only when 001 \
                 is named."
            }
        }
    }
}

/// What a channel's list says about a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is served.
    Allowed,
    /// It is served, but an allowlist with the same regions would refuse it.
    Monitored,
    /// It is refused.
    Refused,
}

/// The settings of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelCountries {
    /// What the list means; `all` by default.
    pub mode: Mode,
    /// The listed regions, sorted by code; empty by default.
    #[serde(deserialize_with = "codes")]
    pub regions: BTreeSet<Region>,
}

impl Default for ChannelCountries {
    fn default() -> Self {
        Self { mode: Mode::All, regions: BTreeSet::new() }
    }
}

impl ChannelCountries {
    /// Judges a region. In every mode `001` is served only when it is listed: numbers of no country
    /// are expensive, and nobody lives there.
    pub fn judge(&self, region: Region) -> Verdict {
        let named = self.regions.contains(&region);
        match self.mode {
            _ if named => Verdict::Allowed,
            _ if region == Region::WORLD => Verdict::Refused,
            Mode::Allowlist => Verdict::Refused,
            Mode::All => Verdict::Allowed,
            Mode::Monitor => Verdict::Monitored,
        }
    }
}

/// The settings of each channel. A document without a channel means its default: every region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Calls.
    #[serde(deserialize_with = "object")]
    pub voice: ChannelCountries,
    /// Text messages.
    #[serde(deserialize_with = "object")]
    pub sms: ChannelCountries,
    /// WhatsApp messages.
    #[serde(deserialize_with = "object")]
    pub whatsapp: ChannelCountries,
    /// RCS messages.
    #[serde(deserialize_with = "object")]
    pub rcs: ChannelCountries,
}

impl Settings {
    /// A channel's settings; `None` for push and e-mail, which use no phone number.
    pub fn of(&self, channel: Channel) -> Option<&ChannelCountries> {
        match channel {
            Channel::Voice => Some(&self.voice),
            Channel::Sms => Some(&self.sms),
            Channel::Whatsapp => Some(&self.whatsapp),
            Channel::Rcs => Some(&self.rcs),
            Channel::Push | Channel::Email => None,
        }
    }

    /// As [`Self::of`], to be changed.
    pub fn of_mut(&mut self, channel: Channel) -> Option<&mut ChannelCountries> {
        match channel {
            Channel::Voice => Some(&mut self.voice),
            Channel::Sms => Some(&mut self.sms),
            Channel::Whatsapp => Some(&mut self.whatsapp),
            Channel::Rcs => Some(&mut self.rcs),
            Channel::Push | Channel::Email => None,
        }
    }

    /// A channel's list, if its mode is allowlist.
    fn allowlist(&self, channel: Channel) -> Option<&BTreeSet<Region>> {
        let list = self.of(channel).filter(|list| list.mode == Mode::Allowlist);
        list.map(|list| &list.regions)
    }

    /// Judges a region on a channel. Push and e-mail are allowed everywhere.
    pub fn judge(&self, channel: Channel, region: Region) -> Verdict {
        self.of(channel).map_or(Verdict::Allowed, |countries| countries.judge(region))
    }
}

impl Section for Settings {
    const NAME: &'static str = "countries";

    /// None for `regions`: its errors name the wrong code instead.
    fn allowed(name: &str) -> Option<&'static str> {
        let (channel, inner) =
            name.split_once('.').map_or((name, None), |(channel, inner)| (channel, Some(inner)));
        CHANNELS.iter().find(|known| known.as_str() == channel)?;
        match inner {
            None => Some("an object with mode and regions"),
            Some("mode") => Some("one of allowlist, all, monitor"),
            Some(_) => None,
        }
    }

    /// Every listed region must exist; there is one error per channel, with the codes.
    fn check(&self) -> Result<(), Invalid> {
        let mut invalid = Invalid::default();
        for channel in CHANNELS {
            let named = self.of(channel).into_iter().flat_map(|countries| &countries.regions);
            let unknown: Vec<&str> = named
                .filter(|region| regions::info(**region).is_none())
                .map(Region::as_str)
                .collect();
            let message = match unknown.as_slice() {
                [] => continue,
                [one] => format!("names {one}, which is not a region that has phone numbers"),
                several => format!(
                    "names {}, which are not regions that have phone numbers",
                    several.join(", ")
                ),
            };
            invalid.push(&format!("{channel}.regions"), Fault::InvalidChoice, message);
        }
        invalid.or(())
    }

    /// An allowlist is switched off, or many regions are added to it. Adding a few is its ordinary
    /// use.
    fn weakened_by(&self, after: &Self, _now: DateTime<Utc>) -> bool {
        CHANNELS.iter().any(|&channel| match (self.allowlist(channel), after.allowlist(channel)) {
            (Some(before), Some(after)) => after.difference(before).count() > MANY,
            (before, after) => before.is_some() && after.is_none(),
        })
    }
}

/// Deserializes an object only: serde would also accept a list of the struct's values.
fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ChannelCountries, D::Error> {
    let fields = serde_json::Map::deserialize(deserializer)?;
    ChannelCountries::deserialize(Value::Object(fields)).map_err(D::Error::custom)
}

/// Deserializes a list of codes, with errors that name the wrong code.
fn codes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Region>, D::Error> {
    const SHAPE: &str = "must be a list of region codes, each two capital letters or 001";
    let Value::Array(list) = Value::deserialize(deserializer)? else {
        return Err(D::Error::custom(SHAPE));
    };
    let code = |value: &Value| {
        let text = value.as_str().ok_or_else(|| D::Error::custom(SHAPE))?;
        text.parse().map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            D::Error::custom(format!(
                "must be one of the region codes, two capital letters or 001; {shown:?} is neither"
            ))
        })
    };
    list.iter().map(code).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    pub(in crate::guard::countries) fn region(code: &str) -> Region {
        code.parse().unwrap()
    }

    pub(in crate::guard::countries) fn of(mode: Mode, codes: &[&str]) -> ChannelCountries {
        ChannelCountries { mode, regions: codes.iter().map(|code| region(code)).collect() }
    }

    #[test]
    fn defaults_are_the_contracts() {
        let every = json!({"mode": "all", "regions": []});
        let document = json!({"voice": every, "sms": every, "whatsapp": every, "rcs": every});
        assert_eq!(serde_json::to_value(Settings::default()).unwrap(), document);
        assert_eq!(serde_json::from_value::<Settings>(json!({})).unwrap(), Settings::default());
        let partly = json!({"sms": {"regions": ["US"]}, "rcs": {}});
        let settings: Settings = serde_json::from_value(partly).unwrap();
        assert_eq!(settings.sms, of(Mode::All, &["US"]));
        assert_eq!(settings.rcs, ChannelCountries::default());
        Settings::default().check().unwrap();
    }

    #[test]
    fn lists_mean_what_their_mode_says() {
        use Verdict::{Allowed, Monitored, Refused};
        for (mode, named, us, gb, world) in [
            (Mode::All, &[][..], Allowed, Allowed, Refused),
            (Mode::All, &["US"], Allowed, Allowed, Refused),
            (Mode::All, &["001"], Allowed, Allowed, Allowed),
            (Mode::Allowlist, &[], Refused, Refused, Refused),
            (Mode::Allowlist, &["US"], Allowed, Refused, Refused),
            (Mode::Allowlist, &["001", "GB"], Refused, Allowed, Allowed),
            (Mode::Monitor, &[], Monitored, Monitored, Refused),
            (Mode::Monitor, &["US"], Allowed, Monitored, Refused),
            (Mode::Monitor, &["001"], Monitored, Monitored, Allowed),
        ] {
            let countries = of(mode, named);
            let got = ["US", "GB", "001"].map(|code| countries.judge(region(code)));
            assert_eq!(got, [us, gb, world], "{mode} {named:?}");
        }
    }

    #[test]
    fn each_channel_has_its_own_list_and_two_have_none() {
        let voice = of(Mode::Allowlist, &["US"]);
        let mut settings = Settings { voice, ..Settings::default() };
        assert_eq!(settings.judge(Channel::Voice, region("GB")), Verdict::Refused);
        for channel in Channel::ALL.iter().copied().filter(|one| *one != Channel::Voice) {
            assert_eq!(settings.judge(channel, region("GB")), Verdict::Allowed, "{channel}");
        }
        for channel in [Channel::Push, Channel::Email] {
            assert_eq!(settings.judge(channel, Region::WORLD), Verdict::Allowed);
            assert!(settings.of(channel).is_none() && settings.of_mut(channel).is_none());
        }
        for channel in CHANNELS {
            *settings.of_mut(channel).unwrap() = of(Mode::Monitor, &["DE"]);
            assert_eq!(settings.of(channel), Some(&of(Mode::Monitor, &["DE"])), "{channel}");
        }
    }

    #[test]
    fn what_is_no_such_document_is_refused() {
        for wrong in [
            json!({"push": {}}),
            json!({"Voice": {}}),
            json!({"voice": {"mode": "none"}}),
            json!({"voice": {"mode": "ALL"}}),
            json!({"voice": {"colour": "red"}}),
            json!({"voice": {"regions": "US"}}),
            json!({"voice": {"regions": null}}),
            json!({"voice": {"regions": {"US": true}}}),
            json!({"voice": {"regions": [1]}}),
            json!({"voice": {"regions": ["us"]}}),
            json!({"voice": {"regions": ["USA"]}}),
            json!({"voice": {"regions": ["1"]}}),
            json!({"voice": {"regions": ["002"]}}),
            json!({"voice": {"regions": [""]}}),
            json!({"voice": {"regions": ["US "]}}),
            json!({"voice": null}),
            json!({"voice": []}),
            json!({"voice": ["all", ["US"]]}),
            json!({"voice": ["US"]}),
        ] {
            assert!(serde_json::from_value::<Settings>(wrong.clone()).is_err(), "{wrong}");
        }
        let wrong = json!({"voice": {"regions": ["US", "usa"]}});
        let said = serde_json::from_value::<Settings>(wrong).unwrap_err().to_string();
        assert!(said.contains("\"usa\"") && said.contains("two capital letters"), "{said}");
    }

    #[test]
    fn regions_that_do_not_exist_are_named_with_their_field() {
        let voice = of(Mode::All, &["US", "ZZ"]);
        let rcs = of(Mode::Monitor, &["001", "AA", "QZ", "XK"]);
        let settings = Settings { voice, rcs, ..Settings::default() };
        let invalid = settings.check().unwrap_err();
        assert_eq!(invalid.fields.len(), 2, "{invalid}");
        assert_eq!(
            invalid.of("voice.regions"),
            Some("names ZZ, which is not a region that has phone numbers")
        );
        assert_eq!(
            invalid.of("rcs.regions"),
            Some("names AA, QZ, which are not regions that have phone numbers")
        );
    }

    #[test]
    fn what_is_allowed_is_told_by_name() {
        assert_eq!(Settings::allowed("voice.mode"), Some("one of allowlist, all, monitor"));
        assert!(Settings::allowed("rcs").is_some());
        for none in ["push", "voice.regions", "voice.x", "x.mode", ""] {
            assert_eq!(Settings::allowed(none), None, "{none}");
        }
    }
}
