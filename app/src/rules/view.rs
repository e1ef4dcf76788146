//! What the page's address says.

use crate::words::words;
use chrono::{DateTime, Utc};
use domain::PhoneNumber;
use domain::handles::{Handle, HandleKey};
use domain::query::{Address, href};
use islands::rules::read::Place;

/// The page's path.
pub const PATH: &str = "/rules";

words! {
    /// The page's tabs.
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
    /// Its address.
    pub(super) fn path(self) -> String {
        with(&[("tab", self.word())])
    }

    /// Its word in addresses; the first has none.
    fn word(self) -> &'static str {
        if self == Self::Rules { "" } else { self.as_str() }
    }

    /// The tab on which a place stands.
    pub(super) fn of(place: &Place) -> Self {
        use islands::rules::item::Group;
        match place.group {
            Group::Numbers => Self::Numbers,
            Group::Prices => Self::Prices,
            Group::Messages => Self::Messages,
            _ => Self::Rules,
        }
    }
}

/// The page with these fields; empty ones are left out.
pub(super) fn with(pairs: &[(&str, &str)]) -> String {
    href(PATH, pairs.iter().copied())
}

/// The page with a rule's form open.
pub(super) fn edit(place: &Place) -> String {
    let tab = Tab::of(place).word();
    format!("{}#{}", with(&[("tab", tab), ("edit", &place.word)]), place.root())
}

/// The page that shows what a change would do.
pub(super) fn preview(draft: &str, later: bool) -> String {
    with(&[("draft", draft), ("figures", if later { "later" } else { "" })])
}

/// The address' fields. Numbers and users are handles here, see [`View::settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) tab: Tab,
    /// The rule whose form is open.
    pub(super) edit: String,
    /// The change that is looked at before it is saved.
    pub(super) draft: String,
    /// `later`: the page does not wait for the figures.
    pub(super) figures: String,
    /// What number rules are filtered by.
    pub(super) q: String,
    pub(super) page: u64,
    /// The number that is tried, or whose rules are shown.
    pub(super) of: String,
    pub(super) channel: String,
    pub(super) user: String,
    pub(super) ip: String,
    pub(super) device: String,
    pub(super) flow: String,
}

impl View {
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query).without_long();
        let text = |name| given.text(name).to_owned();
        Self {
            tab: given.one_of("tab", Tab::ALL, Tab::as_str).unwrap_or(Tab::Rules),
            edit: text("edit"),
            draft: text("draft"),
            figures: text("figures"),
            q: text("q"),
            page: given.word::<u64>("page").unwrap_or(1).max(1),
            of: text("of"),
            channel: text("channel"),
            user: text("user"),
            ip: text("ip"),
            device: text("device"),
            flow: text("flow"),
        }
    }

    /// Its address.
    pub(super) fn href(&self) -> String {
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        with(&[
            ("tab", self.tab.word()),
            ("edit", &self.edit),
            ("draft", &self.draft),
            ("figures", &self.figures),
            ("q", &self.q),
            ("page", &page),
            ("of", &self.of),
            ("channel", &self.channel),
            ("user", &self.user),
            ("ip", &self.ip),
            ("device", &self.device),
            ("flow", &self.flow),
        ])
    }

    /// The same at another page.
    pub(super) fn at(&self, page: u64) -> String {
        Self { page, edit: String::new(), ..self.clone() }.href()
    }

    /// The same with handles instead of what was typed: numbers and names do not stay in an
    /// address.
    pub(super) fn settled(&self, key: &HandleKey) -> Self {
        let mut view = self.clone();
        let digits = view.q.chars().filter(char::is_ascii_digit).count();
        if digits >= 7 {
            let typed = std::mem::take(&mut view.q);
            let typed = typed.trim_end_matches('*');
            let plus = if typed.starts_with('+') { "" } else { "+" };
            view.of = format!("{plus}{typed}");
        }
        if let Ok(number) = view.of.parse::<PhoneNumber>() {
            view.of = key.number(number);
        } else if key.read(&view.of).is_err() {
            view.of.clear();
        }
        if !view.user.is_empty() && key.read(&view.user).is_err() {
            view.user = key.user(&view.user);
        }
        view
    }

    /// The number that is meant.
    pub(super) fn number(&self, key: &HandleKey) -> Option<PhoneNumber> {
        match key.read(&self.of) {
            Ok(Handle::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The user that is meant, by the name for comparison.
    pub(super) fn user(&self, key: &HandleKey) -> Option<String> {
        match key.read(&self.user) {
            Ok(Handle::User(name)) => Some(name),
            _ => None,
        }
    }
}

/// How much time is left, in words; nothing for what has no end.
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
        assert_eq!(view(&format!("q={}", "x".repeat(3_000))).q, "");
        let place = Place::read("limits.3").unwrap();
        assert_eq!(edit(&place), "/rules?edit=limits.3#limits-3");
    }

    #[test]
    fn numbers_and_names_do_not_stay() {
        let key = HandleKey::new(&[1; 32]);
        for typed in ["q=%2B14155552700", "q=1415555*", "of=%2B1+415+555+2700", "q=%2B1415555270*"]
        {
            let settled = view(&format!("tab=numbers&{typed}")).settled(&key);
            assert!(settled.of.starts_with("n_") && settled.q.is_empty(), "{typed} {settled:?}");
            assert!(settled.number(&key).is_some());
            assert_eq!(settled.settled(&key), settled);
        }
        let short = view("tab=numbers&q=%2B1876").settled(&key);
        assert_eq!((short.q.as_str(), short.of.as_str()), ("+1876", ""));
        let user = view("tab=try&user=Ann@Example.com").settled(&key);
        assert_eq!(user.user(&key).as_deref(), Some("ann@example.com"));
        assert_eq!(view("of=n_nonsense").settled(&key).of, "");
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
