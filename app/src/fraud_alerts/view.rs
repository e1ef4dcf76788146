//! What the page's address says.

use super::links::PATH;
use crate::words::words;
use chrono::{DateTime, Utc};
use domain::address::client_address;
use domain::fraud_alerts::Action;
use domain::handles::{Handle, HandleKey};
use domain::mask::hides;
use domain::query::{Address, href};
use domain::workbook::Sight;
use domain::{Channel, Invalid, Period, PhoneNumber};
use std::net::IpAddr;
use store::blocks::After;

words! {
    /// The page's tabs.
    Tab {
        Reports = "reports", "Reports";
        Settings = "settings", "Settings";
        Blocked = "blocked", "Blocked";
        Bypasses = "bypasses", "Bypasses";
        Names = "names", "Names";
    }
}

/// The address' fields. Typed names and numbers are handles here, see [`View::settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) tab: Tab,
    /// A report to go to.
    pub(super) report: String,
    pub(super) range: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) action: String,
    pub(super) user: String,
    pub(super) channel: String,
    pub(super) handled: String,
    /// Whom a tab other than the first is about.
    pub(super) of: String,
    /// How many last digits of that number are open in the block of numbers that the form is
    /// filled with.
    pub(super) open: String,
    /// `live`, `ended` or `all`.
    pub(super) state: String,
    /// The row that the page before ended with.
    pub(super) after: String,
}

impl View {
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query).without_long();
        let text = |name| given.text(name).to_owned();
        Self {
            tab: given.one_of("tab", Tab::ALL, Tab::as_str).unwrap_or(Tab::Reports),
            report: text("report"),
            range: text("range"),
            from: text("from"),
            to: text("to"),
            action: text("action"),
            user: text("user"),
            channel: text("channel"),
            handled: text("handled"),
            of: text("of"),
            open: text("open"),
            state: text("state"),
            after: text("after"),
        }
    }

    /// The fields that stand in its address.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let tab = if self.tab == Tab::Reports { "" } else { self.tab.as_str() };
        [
            ("tab", tab),
            ("range", &self.range),
            ("from", &self.from),
            ("to", &self.to),
            ("action", &self.action),
            ("user", &self.user),
            ("channel", &self.channel),
            ("handled", &self.handled),
            ("of", &self.of),
            ("open", &self.open),
            ("state", &self.state),
            ("after", &self.after),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    pub(super) fn href(&self) -> String {
        href(PATH, self.pairs())
    }

    /// The same, changed, at its beginning.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut view = Self { after: String::new(), ..self.clone() };
        change(&mut view);
        view
    }

    /// The same after a row.
    pub(super) fn after(&self, row: After) -> String {
        Self { after: row.to_string(), ..self.clone() }.href()
    }

    /// The page that a list goes on with; the first, where the place cannot be read.
    pub(super) fn place(&self) -> Option<After> {
        self.after.parse().ok()
    }

    /// The same with handles instead of typed names and numbers, which do not stay in an address.
    /// Who sees masks looks up nothing by a number's digits: what they typed is dropped.
    pub(super) fn settled(&self, key: &HandleKey, sight: Sight) -> Self {
        let refused = |text: &str| sight == Sight::Masked && hides(text);
        let user = match key.read(&self.user) {
            _ if self.user.is_empty() => String::new(),
            Ok(_) => self.user.clone(),
            Err(_) if refused(&self.user) => String::new(),
            Err(_) => key.user(&self.user),
        };
        let of = match (key.read(&self.of), self.of.parse::<PhoneNumber>()) {
            _ if self.of.is_empty() => String::new(),
            _ if self.ip().is_some() => self.of.clone(),
            (Ok(_), _) => self.of.clone(),
            (Err(_), _) if refused(&self.of) => String::new(),
            (Err(_), Ok(number)) => key.number(number),
            (Err(_), Err(_)) => key.user(&self.of),
        };
        Self { user, of, ..self.clone() }
    }

    /// Whom or what the tab is about.
    pub(super) fn whom(&self, key: &HandleKey) -> Option<Handle> {
        key.read(&self.of).ok()
    }

    /// The address that the tab is about: addresses stand in links as they are.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        client_address(&self.of)
    }

    /// Which reports are asked for.
    pub(super) fn asked(&self, key: &HandleKey, now: DateTime<Utc>) -> Asked {
        let mut invalid = Invalid::default();
        let [range, from, to] = [&self.range, &self.from, &self.to]
            .map(|field| Some(field.as_str()).filter(|text| !text.is_empty()));
        let period = crate::zone::period(range, from, to, now);
        let period = period.unwrap_or_else(|wrong| {
            invalid.fields.extend(wrong.fields);
            Period { from: now - chrono::TimeDelta::days(30), to: now }
        });
        let handled = match self.handled.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let user = match key.read(&self.user) {
            Ok(Handle::User(name)) => Some(name),
            _ => None,
        };
        Asked {
            period,
            action: self.action.parse().ok(),
            channel: self.channel.parse().ok(),
            user,
            handled,
            invalid,
        }
    }

    /// Whether anything but the range is asked for.
    pub(super) fn is_filtered(&self) -> bool {
        [&self.action, &self.user, &self.channel, &self.handled].iter().any(|f| !f.is_empty())
    }
}

/// Which reports are asked for, read.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) period: Period,
    pub(super) action: Option<Action>,
    pub(super) channel: Option<Channel>,
    /// By the name for comparison.
    pub(super) user: Option<String>,
    pub(super) handled: Option<bool>,
    /// What of the range could not be read.
    pub(super) invalid: Invalid,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_back::{exact, queries};
    use proptest::prelude::*;

    const NAMES: &[&str] = &[
        "tab", "range", "from", "to", "action", "user", "channel", "handled", "of", "open",
        "state", "after",
    ];
    const WORDS: &[&str] = &[
        "reports",
        "blocked",
        "names",
        "7d",
        "2026-11-20",
        "sms",
        "yes",
        "no",
        "u_x",
        "3",
        "ended",
        "1-2",
    ];

    fn view(query: &str) -> View {
        View::read(query)
    }

    #[test]
    fn the_address_says_it_all() {
        let query = "tab=blocked&range=7d&of=u_x&state=ended";
        assert_eq!(view(query).href(), format!("/fraud-alerts?{query}"));
        assert_eq!(view("tab=reports").href(), "/fraud-alerts");
        assert_eq!(view("tab=nonsense").tab, Tab::Reports);
        let after = view("action=blocked&after=1-2").with(|view| view.handled = "no".into());
        assert_eq!(after.href(), "/fraud-alerts?action=blocked&handled=no");
        assert_eq!(view(&format!("user={}", "x".repeat(3_000))).user, "");
    }

    #[test]
    fn typed_names_and_numbers_do_not_stay() {
        let key = HandleKey::new(&[1; 32]);
        let typed = view("user=Ann@Example.com&of=%2B1 415 555 2700");
        let settled = typed.settled(&key, Sight::Whole);
        assert!(settled.user.starts_with("u_") && settled.of.starts_with("n_"));
        assert_eq!(settled.settled(&key, Sight::Masked), settled);
        let refused = view("user=0151 1234567&of=%2B1 415 555 2700").settled(&key, Sight::Masked);
        assert_eq!((refused.user, refused.of), (String::new(), String::new()));
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        assert_eq!(settled.asked(&key, now).user.as_deref(), Some("ann@example.com"));
        let number = Handle::Number("+14155552700".parse().unwrap());
        assert_eq!(settled.whom(&key), Some(number));
        // What another store made names nobody here, and is a user's name like any other.
        let other = HandleKey::new(&[2; 32]).user("ann");
        assert_ne!(view(&format!("of={other}")).settled(&key, Sight::Whole).of, other);
        let address = view("tab=blocked&of=::ffff:203.0.113.9").settled(&key, Sight::Whole);
        assert_eq!((&*address.of, address.whom(&key)), ("::ffff:203.0.113.9", None));
        assert_eq!(address.ip(), "203.0.113.9".parse().ok());
    }

    proptest! {
        #[test]
        fn links_are_read_back(query in queries(NAMES, WORDS)) {
            exact(&query, View::read, View::href);
        }
    }
}
