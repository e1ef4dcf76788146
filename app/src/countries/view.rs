//! The page's URL, parsed.

use crate::words::words;
use domain::query::{Address, href};
use domain::regions::{Continent, RegionInfo};
use domain::{Channel, countries::CHANNELS};
use islands::countries::fold;

pub(crate) const PATH: &str = "/countries";

words! {
    Tab {
        /// The regions of a channel; its label is the channel's name.
        Channel = "", "";
        File = "language-file", "Language file";
        Formats = "formats", "Custom policy and External ID";
        History = "history", "History";
    }
}

words! {
    /// The sortable columns of the table.
    Sort {
        Name = "name", "Region";
        Code = "code", "Code";
        Continent = "continent", "Continent";
        Sent = "sent", "Sent";
        Verified = "verified", "Verified";
        Rate = "rate", "Rate";
        Failed = "failed", "Failures";
        Cost = "cost", "Cost";
    }
}

impl Sort {
    /// Whether the first click sorts ascending: words do, numbers do not.
    pub(super) fn rises(self) -> bool {
        matches!(self, Self::Name | Self::Code | Self::Continent)
    }
}

/// The parameters of the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) tab: Tab,
    pub(super) channel: Channel,
    /// The change that is not saved yet.
    pub(super) draft: String,
    /// Search for regions.
    pub(super) q: String,
    pub(super) continent: Option<Continent>,
    pub(super) sort: Sort,
    pub(super) rising: bool,
    /// Language of the custom policy; empty for the default.
    pub(super) language: String,
}

impl View {
    pub(super) fn read(query: &str) -> Self {
        Self::of(Address::read(query))
    }

    /// From a URL or a form.
    pub(super) fn of(given: Address) -> Self {
        let given = given.without_long();
        let sort = given.one_of("sort", Sort::ALL, Sort::as_str).unwrap_or(Sort::Name);
        let rising = match given.text("order") {
            "up" => true,
            "down" => false,
            _ => sort.rises(),
        };
        Self {
            tab: given.one_of("tab", Tab::ALL, Tab::as_str).unwrap_or(Tab::Channel),
            channel: channel(given.text("channel")).unwrap_or(Channel::Voice),
            draft: given.text("draft").to_owned(),
            q: given.text("q").to_owned(),
            continent: given.word("continent"),
            sort,
            rising,
            language: given.text("language").to_owned(),
        }
    }

    /// The parameters that are not empty.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let order = match (self.rising, self.rising == self.sort.rises()) {
            (_, true) => "",
            (true, false) => "up",
            (false, false) => "down",
        };
        let sort = if self.sort == Sort::Name { "" } else { self.sort.as_str() };
        let pairs = [
            ("tab", self.tab.as_str()),
            ("channel", self.channel.as_str()),
            ("draft", &self.draft),
            ("q", &self.q),
            ("continent", self.continent.map_or("", Continent::as_str)),
            ("sort", sort),
            ("order", order),
            ("language", &self.language),
        ];
        let there = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        there.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    pub(super) fn href(&self) -> String {
        href(PATH, self.pairs())
    }

    /// A changed copy.
    #[must_use]
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut view = self.clone();
        change(&mut view);
        view
    }

    /// A copy with only channel and draft.
    #[must_use]
    pub(super) fn plain(&self) -> Self {
        Self { draft: self.draft.clone(), channel: self.channel, ..Self::read("") }
    }

    pub(super) fn tab(&self, tab: Tab) -> String {
        self.plain().with(|view| view.tab = tab).href()
    }

    /// Whether a region matches search and continent.
    pub(super) fn finds(&self, info: &RegionInfo) -> bool {
        let there = self.continent.is_none_or(|continent| continent == info.continent);
        there && haystack(info).contains(&fold(&self.q))
    }
}

/// A channel that has regions.
pub(super) fn channel(word: &str) -> Option<Channel> {
    CHANNELS.into_iter().find(|channel| channel.as_str() == word)
}

/// What a region is found by: name, code, and calling codes with and without spaces.
pub(super) fn haystack(info: &RegionInfo) -> String {
    let mut text = fold(info.name);
    text.push(' ');
    text.push_str(&fold(info.region.as_str()));
    if info.region == domain::Region::WORLD {
        text.push_str(" numbers satellite global services");
    }
    for code in info.calling_codes {
        text.push(' ');
        text.push_str(code);
        if code.contains(' ') {
            text.push(' ');
            text.extend(code.chars().filter(|c| *c != ' '));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_back::{exact, queries};
    use proptest::prelude::*;

    const NAMES: &[&str] =
        &["tab", "channel", "draft", "q", "continent", "sort", "order", "language"];
    const WORDS: &[&str] = &[
        "formats", "history", "sms", "voice", "europe", "world", "sent", "name", "code", "up",
        "down", "pt-BR",
    ];

    fn view(query: &str) -> View {
        View::read(query)
    }

    #[test]
    fn the_address_says_it_all() {
        let query = "channel=sms&draft=0a&q=ja+m&continent=north_america&sort=sent&order=up";
        assert_eq!(view(query).href(), format!("/countries?{query}"));
        assert_eq!(view("").href(), "/countries?channel=voice");
        assert_eq!(view("sort=sent").href(), "/countries?channel=voice&sort=sent");
        assert_eq!(view("sort=name&order=up").href(), "/countries?channel=voice");
        let query = "tab=formats&channel=rcs&language=pt-BR";
        assert_eq!(view(query).href(), format!("/countries?{query}"));
        let file = view("q=x&sort=cost&channel=sms").tab(Tab::File);
        assert_eq!(file, "/countries?tab=language-file&channel=sms");
    }

    #[test]
    fn what_it_does_not_know_is_as_if_it_were_not_there() {
        let odd = "tab=x&channel=push&continent=atlantis&sort=colour&order=left";
        assert_eq!(view(odd), view(""));
        assert_eq!(view(&format!("q={}", "x".repeat(3_000))).q, "");
    }

    #[test]
    fn regions_are_found_by_name_code_and_calling_code() {
        let found = |query: &str| -> Vec<&str> {
            let view = view(query);
            let found = domain::regions::all().iter().filter(|info| view.finds(info));
            found.map(|info| info.region.as_str()).collect()
        };
        assert_eq!(found("q=+jamaica"), ["JM"]);
        assert_eq!(found("q=%2B1+876"), ["JM"]);
        assert_eq!(found("q=%2B1876"), ["JM"]);
        assert_eq!(found("q=aland+islands"), ["AX"]);
        assert_eq!(found("q=ÅLAND"), found("q=aland"));
        assert!(found("q=de").contains(&"DE"));
        assert_eq!(found("q=ge&continent=north_america"), found("continent=north_america&q=GE"));
        assert!(found("continent=europe").len() > 40 && !found("continent=europe").contains(&"US"));
        assert_eq!(found("continent=world"), ["001"]);
        assert_eq!(found("q=Satellite"), ["001"]);
        assert!(found("q=atlantis").is_empty());
        assert_eq!(found("").len(), domain::regions::all().len());
    }

    proptest! {
        #[test]
        fn links_are_read_back(query in queries(NAMES, WORDS)) {
            exact(&query, View::read, View::href);
        }
    }
}
