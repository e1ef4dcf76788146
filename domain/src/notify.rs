//! Alerts and whom they reach: what can be told, where it goes, what of it leaves together, and
//! how it is worded (contract, section 9).

mod address;
mod email;
mod fold;
mod link;
mod reach;
mod recipient;
mod settings;
mod text;
mod webhook;

pub use address::{Address, SmtpTls, SmtpUrl, WebhookUrl};
pub use email::EmailTo;
pub use fold::{Fold, GIVE_UP_HOURS, Window, retry_at};
pub use link::{read_stop_token, stop_token};
pub use reach::is_public;
pub use recipient::{NewRecipient, RecipientChange};
pub use settings::Settings;
pub use text::{Greeting, Letter, Links, Mail, TEST};
pub use webhook::{SigningSecret, payload, signature_header};

use crate::events::words;
use serde::{Deserialize, Serialize};

/// Most users that a message names.
pub const USERS_MAX: usize = 20;
/// Most characters of an alert's sentence.
const LINE_MAX: usize = 1_000;

words! {
    /// What alerts are about; each recipient has those it wants.
    AlertKind {
        /// A user reported a sign-in that was not theirs.
        FraudReport = "fraud_report",
        /// Somebody or something was blocked.
        Block = "block",
        /// Too many were blocked at once, so that blocking stopped.
        Breaker = "breaker",
        /// How Tollwarden is set up was changed.
        SetUpChange = "set_up_change",
        /// A source has been silent for longer than it ever was.
        SourceSilent = "source_silent",
        /// Messages to another recipient do not arrive.
        DeliveryTrouble = "delivery_trouble",
        /// The gate refuses because of a spend cap.
        SpendCap = "spend_cap",
        /// A kill switch was set or removed, or its time is over.
        KillSwitch = "kill_switch",
        /// Far more codes or failures to a region than usual.
        Surge = "surge",
        /// Far fewer codes to a region are typed in than usual.
        Conversion = "conversion",
        /// Somebody asked for a code to a region that nobody asked for before.
        FirstTraffic = "first_traffic",
        /// A source told of a cost that nobody can believe.
        OddCost = "odd_cost",
        /// Two names became one user's by events.
        NamesJoined = "names_joined",
        /// A whole number was shown to one who sees masks, or many rows were exported.
        DataAccess = "data_access",
        /// Many wrong passwords were tried on one account.
        Guessing = "guessing",
    }
}

impl AlertKind {
    /// What people call it, one of it: `Fraud report`.
    pub fn label(self) -> &'static str {
        match self {
            Self::FraudReport => "Fraud report",
            Self::Block => "Block",
            Self::Breaker => "Automatic blocking stopped",
            Self::SetUpChange => "Set-up change",
            Self::SourceSilent => "Source silent",
            Self::DeliveryTrouble => "Delivery trouble",
            Self::SpendCap => "Spend cap reached",
            Self::KillSwitch => "Kill switch",
            Self::Surge => "Surge",
            Self::Conversion => "Conversion fell",
            Self::FirstTraffic => "First traffic",
            Self::OddCost => "Odd cost",
            Self::NamesJoined => "Names joined",
            Self::DataAccess => "Data access",
            Self::Guessing => "Password guessing",
        }
    }

    /// Several of it, in the middle of a sentence: `fraud reports`.
    pub fn several(self) -> &'static str {
        match self {
            Self::FraudReport => "fraud reports",
            Self::Block => "blocks",
            Self::Breaker => "stops of automatic blocking",
            Self::SetUpChange => "set-up changes",
            Self::SourceSilent => "silent sources",
            Self::DeliveryTrouble => "delivery troubles",
            Self::SpendCap => "spend caps reached",
            Self::KillSwitch => "changes of kill switches",
            Self::Surge => "surges",
            Self::Conversion => "falls of conversion",
            Self::FirstTraffic => "regions with first traffic",
            Self::OddCost => "odd costs",
            Self::NamesJoined => "joined names",
            Self::DataAccess => "accesses to data",
            Self::Guessing => "accounts with guessed passwords",
        }
    }
}

words! {
    /// How a recipient is reached.
    Reach {
        /// By e-mail.
        Email = "email",
        /// By a POST to its address.
        Webhook = "webhook",
    }
}

impl Reach {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Webhook => "Webhook",
        }
    }
}

words! {
    /// What became of a message.
    MessageState {
        /// It is to be sent, for the first time or again.
        Waiting = "waiting",
        /// The other side took it.
        Sent = "sent",
        /// It was given up.
        Failed = "failed",
        /// There is no mail server: it can be read here and nowhere else.
        Kept = "kept",
    }
}

impl MessageState {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sent => "Sent",
            Self::Failed => "Failed",
            Self::Kept => "Kept here",
        }
    }
}

/// One alert, or several of a kind that came together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What it is about.
    pub kind: AlertKind,
    /// Users it is about, as they are shown; may be empty.
    pub users: Vec<String>,
    /// How many there are of it; 0 counts as 1.
    pub count: u64,
    /// Why, in one sentence.
    pub line: String,
    /// The console's path to what it tells of (`/fraud-alerts?…`).
    pub path: String,
}

impl Alert {
    /// One alert about one user.
    pub fn of_user(kind: AlertKind, user: &str, line: String, path: String) -> Self {
        Self { kind, users: vec![user.to_owned()], count: 1, line, path }
    }

    /// The same without what must not be in a message: line breaks and control characters,
    /// whole phone numbers, more than 20 users, a path that is none of ours.
    #[must_use]
    pub fn clean(&self) -> Self {
        let mut users: Vec<String> = Vec::new();
        for user in &self.users {
            let user = one_line(user, 320);
            if users.len() < USERS_MAX && !user.is_empty() && !users.contains(&user) {
                users.push(user);
            }
        }
        let path = crate::doors::local_path(&self.path).unwrap_or("/");
        Self {
            kind: self.kind,
            users,
            count: self.count.max(1),
            line: one_line(&self.line, LINE_MAX),
            path: path.to_owned(),
        }
    }
}

/// A webhook's scheme and host, if a text is its address: whatever follows may be a secret.
pub fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let scheme = Some(scheme).filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    Some(format!("{scheme}://{host}"))
}

/// A recipient's address as somebody may see it: of a webhook the origin, but for admins.
pub fn shown_address(reach: Reach, address: &str, admin: bool) -> String {
    let origin = Some(()).filter(|()| !admin && reach == Reach::Webhook).and(origin(address));
    origin.unwrap_or_else(|| address.to_owned())
}

/// A text on one line, cut to a length, whole phone numbers masked: what a message may carry.
pub fn one_line(text: &str, longest: usize) -> String {
    // Signs that turn the direction of writing could make a name read as another.
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || c.is_whitespace() || turns(c);
    let words: Vec<&str> = text.split(breaks).filter(|word| !word.is_empty()).collect();
    let text = crate::mask::masked(&words.join(" "), None).into_owned();
    match text.char_indices().nth(longest) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alert() -> Alert {
        let line = "Ana said no.".to_owned();
        Alert::of_user(AlertKind::FraudReport, "ana@example.com", line, "/fraud-alerts".into())
    }

    #[test]
    fn what_is_clean_stays() {
        assert_eq!(alert().clean(), alert());
    }

    #[test]
    fn messages_carry_no_line_breaks_and_no_zero_bytes() {
        let bad = Alert {
            users: vec!["a\r\nBcc: x@evil.example".into(), "\0".into(), "\u{85}".into()],
            line: "one\r\ntwo\0three\u{2028}four".into(),
            count: 0,
            path: "//evil.example".into(),
            ..alert()
        };
        let clean = bad.clean();
        assert_eq!(clean.users, ["a Bcc: x@evil.example"]);
        assert_eq!((clean.line.as_str(), clean.count), ("one two three four", 1));
        assert_eq!(clean.path, "/");
    }

    #[test]
    fn at_most_20_users_are_named_each_once() {
        let users = (0..50).map(|at| format!("u{}", at % 40)).collect();
        let clean = Alert { users, ..alert() }.clean();
        assert_eq!(clean.users.len(), USERS_MAX);
        assert_eq!(clean.users[19], "u19");
    }

    #[test]
    fn whole_numbers_are_masked_wherever_they_stand() {
        for (text, shown) in [
            ("+14155550100", "+14155••••00"),
            ("a +1 (415) 555-0100, then", "a +14155••••00, then"),
            ("tel:+441534123456.", "tel:+441534••••56."),
            ("1+1", "1+1"),
            ("+", "+"),
            ("ana+news@example.com", "ana+news@example.com"),
            ("+123456", "+123456"),
            ("+1234567890123456789", "+•••••••••••••••••••"),
        ] {
            assert_eq!(one_line(text, 500), shown, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_lets_a_number_through(before in ".{0,9}", digits in 10_000_000_u64..999_999_999_999_999, after in "[^0-9]{0,9}") {
            let whole = format!("+{digits}");
            let shown = one_line(&format!("{before}{whole}{after}"), 500);
            prop_assert!(!shown.contains(&whole), "{shown}");
        }
    }
}
