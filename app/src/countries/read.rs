//! Parses the form of a channel.

use super::view::{PATH, View, channel};
use domain::countries::{ChannelCountries, Mode};
use domain::regions::{self, Continent};
use domain::{Channel, Region, doors::local_path, query::Address};
use std::collections::{BTreeMap, BTreeSet};

/// The fields of a form.
pub(super) type Fields = BTreeMap<String, String>;

/// Prefix of the field of a region.
pub(super) const REGION: &str = "r-";

/// The button that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    /// Show the preview.
    Look,
    /// Show other rows and keep the ticks.
    Filter,
    /// Go to another view of the page and keep the ticks.
    Go(View),
    Save,
    Allow(Continent),
    Refuse(Continent),
    /// All regions except those that Microsoft turns off by default.
    DefaultOff,
    /// The regions where users verified.
    Verified,
    /// Mode and list of another channel.
    Copy(Channel),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChannelForm {
    pub(super) view: View,
    pub(super) base: i64,
    pub(super) countries: ChannelCountries,
    pub(super) action: Action,
}

impl ChannelForm {
    /// `None` for a form that no page of ours sends.
    pub(super) fn read(fields: &Fields) -> Option<Self> {
        let text = |name: &str| fields.get(name).map_or("", String::as_str);
        let known = |region: &Region| regions::info(*region).is_some();
        let mut ticked = BTreeSet::new();
        for code in fields.keys().filter_map(|name| name.strip_prefix(REGION)) {
            ticked.insert(code.parse().ok().filter(known)?);
        }
        channel(text("channel"))?;
        Some(Self {
            view: View::of(Address::of(fields)),
            base: text("base").parse().ok()?,
            countries: ChannelCountries {
                mode: text("mode").parse::<Mode>().ok()?,
                regions: ticked,
            },
            action: action(text("do"), text)?,
        })
    }
}

fn action<'a>(word: &str, text: impl Fn(&str) -> &'a str) -> Option<Action> {
    let continent = |word: &str| word.parse::<Continent>().ok();
    Some(match word {
        "" | "look" => Action::Look,
        "filter" => Action::Filter,
        "save" => Action::Save,
        "go" => Action::Go(other_view(text("go"))?),
        "preset-default-off" => Action::DefaultOff,
        "preset-verified" => Action::Verified,
        "copy" => Action::Copy(channel(text("from"))?),
        other => match other.split_once('-')? {
            ("allow", word) => Action::Allow(continent(word)?),
            ("refuse", word) => Action::Refuse(continent(word)?),
            _ => return None,
        },
    })
}

/// Parses a URL of this page.
fn other_view(href: &str) -> Option<View> {
    let query = local_path(href)?.strip_prefix(PATH)?.strip_prefix('?')?;
    Some(View::read(query))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Option<ChannelForm> {
        let mut fields: Fields = [("channel", "voice"), ("base", "3"), ("mode", "allowlist")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        fields.extend(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        ChannelForm::read(&fields)
    }

    #[test]
    fn a_form_is_read() {
        let form = asked(&[("r-US", "1"), ("r-001", "1"), ("q", "ja"), ("draft", "0a")]).unwrap();
        assert_eq!((form.base, &form.action), (3, &Action::Look));
        assert_eq!(form.countries.mode, Mode::Allowlist);
        assert_eq!(form.countries.regions.len(), 2);
        assert_eq!((form.view.q.as_str(), form.view.draft.as_str()), ("ja", "0a"));
        for (word, action) in [
            ("allow-europe", Action::Allow(Continent::Europe)),
            ("refuse-north_america", Action::Refuse(Continent::NorthAmerica)),
            ("preset-default-off", Action::DefaultOff),
            ("preset-verified", Action::Verified),
            ("save", Action::Save),
            ("filter", Action::Filter),
        ] {
            assert_eq!(asked(&[("do", word)]).unwrap().action, action);
        }
        let copy = asked(&[("do", "copy"), ("from", "sms")]).unwrap();
        assert_eq!(copy.action, Action::Copy(Channel::Sms));
        let go = asked(&[("do", "go"), ("go", "/countries?channel=sms&sort=sent")]).unwrap();
        let Action::Go(view) = go.action else { panic!("{go:?}") };
        assert_eq!(view.href(), "/countries?channel=sms&sort=sent");
    }

    #[test]
    fn what_no_page_of_ours_sends_is_nothing() {
        for odd in [
            ("r-ZZ", "1"),
            ("r-us", "1"),
            ("r-", "1"),
            ("mode", "none"),
            ("mode", ""),
            ("base", "x"),
            ("channel", "push"),
            ("channel", ""),
            ("do", "burn"),
            ("do", "allow-atlantis"),
            ("do", "copy"),
        ] {
            assert_eq!(asked(&[odd]), None, "{odd:?}");
        }
        for elsewhere in ["", "/", "//evil.example/countries?x", "/countries-x?y", "https://x"] {
            assert_eq!(asked(&[("do", "go"), ("go", elsewhere)]), None, "{elsewhere}");
        }
    }
}
