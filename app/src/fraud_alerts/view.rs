//! The page's URL, parsed.

use super::links::PATH;
use crate::words::words;
use chrono::{DateTime, Utc};
use domain::handles::{Handle, HandleKey};
use domain::query::{Address, href};
use domain::{Channel, Invalid, Period, PhoneNumber};
use domain::{address::client_address, fraud_alerts::Action, mask::hides, workbook::Sight};
use std::net::IpAddr;
use store::After;
use uuid::Uuid;

words! {
    Tab {
        Reports = "reports", "Reports";
        Settings = "settings", "Settings";
        Blocked = "blocked", "Blocked";
        Bypasses = "bypasses", "Bypasses";
        Names = "names", "Names";
    }
}

impl Tab {
    pub(super) fn path(self) -> String {
        href(PATH, [("tab", self.word())])
    }

    /// Its word in URLs; the first tab has none.
    fn word(self) -> &'static str {
        if self == Self::Reports { "" } else { self.as_str() }
    }
}

/// Names of the parameters, in the order of links. Besides the filters of reports:
/// - `tab`: word of the open tab; none for the first
/// - `of`: handle or IP address that another tab is filtered by
/// - `open`: number of open last digits in the block of numbers that the form is prefilled with
/// - `state`: `live`, `ended` or `all`
/// - `after`: the last row of the previous page
const FIELDS: [&str; 12] = [
    "tab", "range", "from", "to", "action", "user", "channel", "handled", "of", "open", "state",
    "after",
];

/// The parameters of the URL. Names and numbers are handles, see [`View::settled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) tab: Tab,
    /// A report to redirect to.
    pub(super) report: Option<Uuid>,
    given: Address,
}

impl View {
    pub(super) fn read(query: &str) -> Self {
        let given = Address::read(query).without_long();
        let tab = given.one_of("tab", Tab::ALL, Tab::as_str).unwrap_or(Tab::Reports);
        let report = given.word("report");
        Self { tab, report, given: given.only(&FIELDS).with("tab", tab.word()) }
    }

    /// One of [`FIELDS`]; empty without a value.
    pub(super) fn text(&self, name: &str) -> &str {
        self.given.text(name)
    }

    /// The parameters that are not empty.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        self.given.pairs(&FIELDS)
    }

    pub(super) fn href(&self) -> String {
        href(PATH, self.pairs())
    }

    /// A copy with other parameters, at the first page.
    pub(super) fn with(&self, changes: &[(&str, &str)]) -> Self {
        let first = self.given.with("after", "");
        let given = changes.iter().fold(first, |given, (name, value)| given.with(name, value));
        Self { given, ..self.clone() }
    }

    /// URL of the page after a row.
    pub(super) fn after(&self, row: After) -> String {
        self.with(&[("after", &row.to_string())]).href()
    }

    /// The row to continue after; `None` for the first page or an invalid row.
    pub(super) fn place(&self) -> Option<After> {
        self.given.word("after")
    }

    /// Replaces typed names and numbers with handles: they must not stay in a URL. A role that sees
    /// masked numbers may not search for digits: they are dropped.
    pub(super) fn settled(&self, key: &HandleKey, sight: Sight) -> Self {
        let refused = |text: &str| sight == Sight::Masked && hides(text);
        let (user, of) = (self.text("user"), self.text("of"));
        let user = match key.read(user) {
            _ if user.is_empty() => String::new(),
            Ok(_) => user.to_owned(),
            Err(_) if refused(user) => String::new(),
            Err(_) => key.user(user),
        };
        let of = match (key.read(of), of.parse::<PhoneNumber>()) {
            _ if of.is_empty() => String::new(),
            _ if self.ip().is_some() => of.to_owned(),
            (Ok(_), _) => of.to_owned(),
            (Err(_), _) if refused(of) => String::new(),
            (Err(_), Ok(number)) => key.number(number),
            (Err(_), Err(_)) => key.user(of),
        };
        let given = self.given.with("user", &user).with("of", &of);
        Self { given, ..self.clone() }
    }

    /// The user or number that the tab is filtered by.
    pub(super) fn whom(&self, key: &HandleKey) -> Option<Handle> {
        key.read(self.text("of")).ok()
    }

    /// The IP address that the tab is filtered by; it has no handle.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        client_address(self.text("of"))
    }

    /// Reads the filters of reports.
    pub(super) fn asked(&self, key: &HandleKey, now: DateTime<Utc>) -> ReportQuery {
        let mut invalid = Invalid::default();
        let [range, from, to] = ["range", "from", "to"].map(|name| self.given.get(name));
        let period = crate::zone::period(range, from, to, now);
        let period = period.unwrap_or_else(|wrong| {
            invalid.fields.extend(wrong.fields);
            Period { from: now - chrono::TimeDelta::days(30), to: now }
        });
        let handled = match self.text("handled") {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let user = match key.read(self.text("user")) {
            Ok(Handle::User(name)) => Some(name),
            _ => None,
        };
        ReportQuery {
            period,
            action: self.given.word("action"),
            channel: self.given.word("channel"),
            user,
            handled,
            invalid,
        }
    }

    /// Whether there is a filter besides the range.
    pub(super) fn is_filtered(&self) -> bool {
        ["action", "user", "channel", "handled"].iter().any(|name| self.given.get(name).is_some())
    }
}

/// The filters of reports.
#[derive(Debug, Clone)]
pub(super) struct ReportQuery {
    pub(super) period: Period,
    pub(super) action: Option<Action>,
    pub(super) channel: Option<Channel>,
    /// The folded name.
    pub(super) user: Option<String>,
    pub(super) handled: Option<bool>,
    /// Errors of the range.
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
        let after = view("action=blocked&after=1-2").with(&[("handled", "no")]);
        assert_eq!(after.href(), "/fraud-alerts?action=blocked&handled=no");
        assert_eq!(view(&format!("user={}", "x".repeat(3_000))).text("user"), "");
    }

    #[test]
    fn typed_names_and_numbers_do_not_stay() {
        let key = HandleKey::new(&[1; 32]);
        let typed = view("user=Ann@Example.com&of=%2B1 415 555 2700");
        let settled = typed.settled(&key, Sight::Whole);
        assert!(settled.text("user").starts_with("u_") && settled.text("of").starts_with("n_"));
        assert_eq!(settled.settled(&key, Sight::Masked), settled);
        let refused = view("user=0151 1234567&of=%2B1 415 555 2700").settled(&key, Sight::Masked);
        assert_eq!((refused.text("user"), refused.text("of")), ("", ""));
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        assert_eq!(settled.asked(&key, now).user.as_deref(), Some("ann@example.com"));
        let number = Handle::Number("+14155552700".parse().unwrap());
        assert_eq!(settled.whom(&key), Some(number));
        // A handle from another store is treated as a user's name.
        let other = HandleKey::new(&[2; 32]).user("ann");
        assert_ne!(view(&format!("of={other}")).settled(&key, Sight::Whole).text("of"), other);
        let address = view("tab=blocked&of=::ffff:203.0.113.9").settled(&key, Sight::Whole);
        assert_eq!((address.text("of"), address.whom(&key)), ("::ffff:203.0.113.9", None));
        assert_eq!(address.ip(), "203.0.113.9".parse().ok());
    }

    proptest! {
        #[test]
        fn links_are_read_back(query in queries(NAMES, WORDS)) {
            exact(&query, View::read, View::href);
        }
    }
}
