//! The state of a page in its address: whom it is about, and which attempts.

use super::links;
use domain::address::client_address;
use domain::handles::{Handle, HandleError, HandleKey};
use domain::query::Address;
use domain::signins::{PageStart, Selection, View as Log};
use domain::workbook::Sight;
use domain::{Channel, Reason};
use engine::profiles::ProfileSubject;

/// What a page is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SubjectKind {
    Number,
    Ip,
    User,
}

impl SubjectKind {
    /// The title without a name.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Number => "Number",
            Self::Ip => "IP address",
            Self::User => "User",
        }
    }

    /// `Its` or `Their`.
    pub(super) fn whose(self) -> &'static str {
        match self {
            Self::User => "Their",
            _ => "Its",
        }
    }

    /// Reads the last segment of a path.
    ///
    /// # Errors
    /// Why it names nobody.
    pub(super) fn read(
        self,
        key: &HandleKey,
        text: &str,
    ) -> Result<ProfileSubject, UnknownSubject> {
        if self == Self::Ip {
            let words = "That is not an IP address. An address is written such as 203.0.113.9 or \
                         2001:db8::1.";
            // Different spellings of an address have the same page.
            let ip = client_address(text).ok_or_else(|| UnknownSubject::words(words))?;
            return Ok(ProfileSubject::Ip(ip));
        }
        match (self, key.read(text)) {
            (Self::Number, Ok(Handle::Number(phone))) => Ok(ProfileSubject::Number(phone)),
            (Self::User, Ok(Handle::User(user))) => Ok(ProfileSubject::User(user)),
            (_, Ok(Handle::Number(_))) => Err(UnknownSubject {
                words: "This link names a number, not a user.".to_owned(),
                instead: Some(("Go to the number’s page", links::number(text))),
            }),
            (_, Ok(Handle::User(_))) => Err(UnknownSubject {
                words: "This link names a user, not a number.".to_owned(),
                instead: Some(("Go to the user’s page", links::user(text))),
            }),
            (_, Err(HandleError::Foreign)) => {
                Err(UnknownSubject::words(&format!("The link {}.", HandleError::Foreign)))
            }
            (Self::User, Err(HandleError::Shape)) => Err(UnknownSubject::words(
                "This URL does not lead to a user. URLs contain a handle (u_…) instead of the \
                 name: search for the name above, or choose the user in the sign-in log.",
            )),
            (_, Err(HandleError::Shape)) => Err(UnknownSubject::words(
                "This URL does not lead to a number. URLs contain a handle (n_…), never the \
                 digits: search for the number above, or choose it in the sign-in log.",
            )),
        }
    }
}

/// Why an address names nobody, as a sentence, and a link to another page if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct UnknownSubject {
    pub(super) words: String,
    pub(super) instead: Option<(&'static str, String)>,
}

impl UnknownSubject {
    fn words(words: &str) -> Self {
        Self { words: words.to_owned(), instead: None }
    }
}

/// The state of a page: its path, and range, channel and place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) path: String,
    pub(super) log: Log,
}

/// The parameters of a page.
const FIELDS: [&str; 6] = ["range", "from", "to", "channel", "before", "after"];

impl View {
    pub(super) fn read(path: &str, query: &str) -> Self {
        let mut given = Address::read(query).only(&FIELDS);
        for field in ["from", "to"] {
            // Typed times are in the page's zone; links have the absolute time.
            given = given.with(field, &crate::zone::absolute(given.text(field)));
        }
        Self { path: path.to_owned(), log: Log::of(&given) }
    }

    /// The query, with errors.
    pub(super) fn asked(&self, key: &HandleKey, now: chrono::DateTime<chrono::Utc>) -> Selection {
        self.log.ask(key, Sight::Masked, now)
    }

    /// Parameters other than range and place, for the form of another range.
    pub(super) fn pairs_without_range(&self) -> Vec<(String, String)> {
        self.log.with_range("").pairs()
    }

    pub(super) fn href(&self) -> String {
        self.log.href(&self.path)
    }

    pub(super) fn with_range(&self, word: &str) -> String {
        self.log.with_range(word).href(&self.path)
    }

    pub(super) fn with_channel(&self, channel: Option<Channel>) -> String {
        let word = channel.map(|channel| channel.to_string()).unwrap_or_default();
        self.log.with("channel", &word).href(&self.path)
    }

    pub(super) fn at(&self, place: PageStart) -> String {
        format!("{}#story", self.log.at(place).href(&self.path))
    }

    /// The state of the sign-in log with the same attempts.
    pub(super) fn log_of(&self, subject: &ProfileSubject, key: &HandleKey) -> Log {
        let log = self.log.at(PageStart::Newest);
        match subject {
            ProfileSubject::Number(phone) => log.with("number", &key.number(*phone)),
            ProfileSubject::Ip(ip) => log.with("ip", &ip.to_string()),
            ProfileSubject::User(user) => log.with("user", &key.user(user)),
        }
    }
}

/// The address of a page with a query string; unknown parameters are dropped.
pub(crate) fn again(path: &str, query: &str) -> String {
    View::read(path, query).href()
}

/// Address of the log, filtered by a reason.
pub(super) fn for_reason(log: &Log, reason: Reason) -> String {
    crate::sign_ins::log(&log.with("reason", reason.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_back::{fixed, queries};
    use proptest::prelude::*;

    fn key() -> HandleKey {
        HandleKey::new(&[5; 32])
    }

    #[test]
    fn the_last_part_of_a_path_is_read() {
        let phone = "+14155552700".parse().unwrap();
        let (number, user) = (key().number(phone), key().user("Ann"));
        assert_eq!(SubjectKind::Number.read(&key(), &number), Ok(ProfileSubject::Number(phone)));
        assert_eq!(SubjectKind::User.read(&key(), &user), Ok(ProfileSubject::User("ann".into())));
        let ip = "2001:db8::1".parse().unwrap();
        assert_eq!(SubjectKind::Ip.read(&key(), "2001:DB8:0::1"), Ok(ProfileSubject::Ip(ip)));
        let mapped = SubjectKind::Ip.read(&key(), "::ffff:10.0.0.1");
        assert_eq!(mapped, Ok(ProfileSubject::Ip("10.0.0.1".parse().unwrap())));
    }

    #[test]
    fn what_names_nothing_is_said() {
        let foreign = HandleKey::new(&[6; 32]).number("+14155552700".parse().unwrap());
        for (what, text, part) in [
            (SubjectKind::Number, foreign.as_str(), "made by another store"),
            (SubjectKind::Number, "+14155552700", "never the digits"),
            (SubjectKind::Number, "", "does not lead to a number"),
            (SubjectKind::User, "ann@example.com", "does not lead to a user"),
            (SubjectKind::User, "u_\u{fffd}", "does not lead to a user"),
            (SubjectKind::Ip, "10.0.0", "not an IP address"),
            (SubjectKind::Ip, "10.0.0.0/8", "not an IP address"),
            (SubjectKind::Ip, "' or 1=1", "not an IP address"),
        ] {
            let wrong = what.read(&key(), text).unwrap_err();
            assert!(wrong.words.contains(part) && !wrong.words.contains("4155552700"), "{text}");
            assert_eq!(wrong.instead, None);
        }
        let user = key().user("ann");
        let wrong = SubjectKind::Number.read(&key(), &user).unwrap_err();
        assert_eq!(wrong.instead.unwrap().1, format!("/users/{user}"));
        let number = key().number("+14155552700".parse().unwrap());
        let wrong = SubjectKind::User.read(&key(), &number).unwrap_err();
        assert_eq!(wrong.instead.unwrap().1, format!("/numbers/{number}"));
    }

    #[test]
    fn the_address_says_it_all() {
        let view =
            View::read("/ips/10.0.0.1", "range=7d&channel=sms&number=n_x&user=u_y&before=1.2");
        assert_eq!(view.href(), "/ips/10.0.0.1?channel=sms&range=7d&before=1.2");
        assert_eq!(view.with_range("30d"), "/ips/10.0.0.1?channel=sms");
        assert_eq!(again("/ips/10.0.0.1", "x=1&from=a b"), "/ips/10.0.0.1?from=a+b");
        assert_eq!(view.with_channel(None), "/ips/10.0.0.1?range=7d");
        let log = view.log_of(&ProfileSubject::Ip("10.0.0.1".parse().unwrap()), &key());
        assert_eq!(crate::sign_ins::log(&log), "/sign-ins?ip=10.0.0.1&channel=sms&range=7d");
        assert_eq!(
            for_reason(&log, Reason::Busy),
            "/sign-ins?ip=10.0.0.1&channel=sms&reason=busy&range=7d"
        );
    }

    proptest! {
        #[test]
        fn links_are_read_back(
            query in queries(&FIELDS, &["7d", "30d", "2026-11-20", "sms", "fax", "1.2"])
        ) {
            fixed(&query, |query| again("/ips/10.0.0.1", query));
        }
    }
}
