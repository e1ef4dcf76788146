//! The page's URL, parsed.

use crate::words::words;
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use domain::handles::{Handle, HandleKey};
use domain::query::{Address, href};
use islands::rules::read::RulePath;

pub(crate) const PATH: &str = "/rules";

words! {
    Tab {
        Rules = "rules", "Rules";
        Numbers = "numbers", "Numbers";
        Prices = "prices", "Prices";
        Messages = "messages", "Messages";
        Try = "try", "Try a number";
        History = "history", "History";
    }
}

impl Tab {
    pub(super) fn path(self) -> String {
        href(PATH, [("tab", self.word())])
    }

    /// Its word in URLs; the first tab has none.
    fn word(self) -> &'static str {
        if self == Self::Rules { "" } else { self.as_str() }
    }

    /// The tab of a place.
    pub(super) fn of(place: &RulePath) -> Self {
        use islands::rules::item::Group;
        match place.group {
            Group::Numbers => Self::Numbers,
            Group::Prices => Self::Prices,
            Group::Messages => Self::Messages,
            _ => Self::Rules,
        }
    }
}

pub(super) fn edit(place: &RulePath) -> String {
    let tab = Tab::of(place).word();
    format!("{}#{}", href(PATH, [("tab", tab), ("edit", &*place.word)]), place.root())
}

pub(super) fn preview(draft: &str, later: bool) -> String {
    href(PATH, [("draft", draft), ("figures", if later { "later" } else { "" })])
}

/// Names of the parameters, in the order of links:
/// - `tab`: word of the open tab; none for the first
/// - `edit`: place of the rule whose form is open
/// - `draft`: id of the draft to preview
/// - `figures`: `later` if the page polls for the figures
/// - `q`, `page`: search in number rules, and page of the table
/// - `of`: handle of the number that is tried, or whose rules are shown
/// - the others: further details of the number that is tried
const FIELDS: [&str; 12] = [
    "tab", "edit", "draft", "figures", "q", "page", "of", "channel", "user", "ip", "device", "flow",
];

/// The parameters of the URL. Numbers and users are handles, see [`View::settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) tab: Tab,
    given: Address,
}

impl View {
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query).without_long();
        let tab = given.one_of("tab", Tab::ALL, Tab::as_str).unwrap_or(Tab::Rules);
        let page = given.word("page").unwrap_or(1);
        Self { tab, given: given.only(&FIELDS).with("tab", tab.word()) }.on(page)
    }

    /// One of [`FIELDS`]; empty without a value.
    pub(super) fn text(&self, name: &str) -> &str {
        self.given.text(name)
    }

    /// Number of the page, from 1.
    pub(super) fn page(&self) -> u64 {
        self.given.word("page").unwrap_or(1)
    }

    fn on(self, page: u64) -> Self {
        let page = if page > 1 { page.to_string() } else { String::new() };
        Self { given: self.given.with("page", &page), ..self }
    }

    pub(super) fn href(&self) -> String {
        href(PATH, self.given.pairs(&FIELDS))
    }

    /// URL of another page.
    pub(super) fn at(&self, page: u64) -> String {
        Self { given: self.given.with("edit", ""), ..self.clone() }.on(page).href()
    }

    /// Replaces typed numbers and names with handles: they must not stay in a URL.
    pub(super) fn settled(&self, key: &HandleKey) -> Self {
        let mut given = self.given.clone();
        let typed = self.text("q").trim_end_matches('*');
        if typed.chars().filter(char::is_ascii_digit).count() >= 7 {
            let plus = if typed.starts_with('+') { "" } else { "+" };
            given.set("of", &format!("{plus}{typed}"));
            given.set("q", "");
        }
        if let Ok(number) = given.text("of").parse::<PhoneNumber>() {
            given.set("of", &key.number(number));
        } else if key.read(given.text("of")).is_err() {
            given.set("of", "");
        }
        let user = self.text("user");
        if !user.is_empty() && key.read(user).is_err() {
            given.set("user", &key.user(user));
        }
        Self { given, ..self.clone() }
    }

    pub(super) fn number(&self, key: &HandleKey) -> Option<PhoneNumber> {
        match key.read(self.text("of")) {
            Ok(Handle::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The user's folded name.
    pub(super) fn user(&self, key: &HandleKey) -> Option<String> {
        match key.read(self.text("user")) {
            Ok(Handle::User(name)) => Some(name),
            _ => None,
        }
    }
}

/// Time left in words; `None` without an end.
pub(super) fn left(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<String> {
    let until = until?;
    if until <= now {
        return Some(format!("ended {}", crate::ui::when::ago(until, now)));
    }
    let minutes = (until - now).num_seconds().div_euclid(60) + 1;
    let (days, hours, minutes) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    Some(match (days, hours) {
        (0, 0) => format!("{minutes} min left"),
        (0, _) => format!("{hours} h {minutes} min left"),
        (..) => format!("{days} d {hours} h left"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_back::{exact, queries};
    use chrono::TimeDelta;
    use proptest::prelude::*;

    const NAMES: &[&str] = &[
        "tab", "edit", "draft", "figures", "q", "page", "of", "channel", "user", "ip", "device",
        "flow",
    ];
    const WORDS: &[&str] =
        &["numbers", "try", "history", "rules", "later", "0", "1", "7", "limits.3", "%2B1876*"];

    fn view(query: &str) -> View {
        View::read(query)
    }

    #[test]
    fn the_address_says_it_all() {
        let query = "tab=try&of=n_x&channel=sms&user=u_y&ip=2001%3Adb8%3A%3A1&device=d&flow=f";
        assert_eq!(view(query).href(), format!("/rules?{query}"));
        assert_eq!(view("tab=rules").href(), "/rules");
        assert_eq!(view("tab=nonsense&page=0").tab, Tab::Rules);
        assert_eq!(view("tab=numbers&q=x").at(2), "/rules?tab=numbers&q=x&page=2");
        assert_eq!(view(&format!("q={}", "x".repeat(3_000))).text("q"), "");
        let place = RulePath::read("limits.3").unwrap();
        assert_eq!(edit(&place), "/rules?edit=limits.3#limits-3");
    }

    #[test]
    fn numbers_and_names_do_not_stay() {
        let key = HandleKey::new(&[1; 32]);
        for typed in ["q=%2B14155552700", "q=1415555*", "of=%2B1+415+555+2700", "q=%2B1415555270*"]
        {
            let settled = view(&format!("tab=numbers&{typed}")).settled(&key);
            let [of, q] = ["of", "q"].map(|name| settled.text(name));
            assert!(of.starts_with("n_") && q.is_empty(), "{typed} {settled:?}");
            assert!(settled.number(&key).is_some());
            assert_eq!(settled.settled(&key), settled);
        }
        let short = view("tab=numbers&q=%2B1876").settled(&key);
        assert_eq!((short.text("q"), short.text("of")), ("+1876", ""));
        let user = view("tab=try&user=Ann@Example.com").settled(&key);
        assert_eq!(user.user(&key).as_deref(), Some("ann@example.com"));
        assert_eq!(view("of=n_nonsense").settled(&key).text("of"), "");
    }

    #[test]
    fn time_left() {
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let words = |seconds| left(Some(now + TimeDelta::seconds(seconds)), now).unwrap();
        assert_eq!(words(30), "1 min left");
        assert_eq!(words(3_600 * 4 - 1), "4 h 0 min left");
        assert_eq!(words(200_000), "2 d 7 h left");
        assert_eq!(words(-120), "ended 2 minutes ago");
        assert_eq!(left(None, now), None);
    }

    proptest! {
        #[test]
        fn links_are_read_back(query in queries(NAMES, WORDS)) {
            exact(&query, View::read, View::href);
        }
    }
}
