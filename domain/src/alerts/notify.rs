//! Alerts and their recipients: kinds, addresses, grouping and wording (contract, section 9).

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
pub use fold::{GIVE_UP_HOURS, Grouping, Window, retry_at};
pub use link::{read_stop_token, stop_token};
pub use reach::is_public;
pub use recipient::{NewRecipient, RecipientChange};
pub use settings::Settings;
pub use text::{Greeting, Links, Mail, MessageContent, TEST};
pub use webhook::{SigningSecret, payload, signature_header};

use crate::events::words;
use serde::{Deserialize, Serialize};

/// Maximum users named in a message.
pub const USERS_MAX: usize = 20;
/// Maximum characters of an alert's sentence.
const LINE_MAX: usize = 1_000;

words! {
    /// Kinds of alert; each recipient chooses which it gets.
    AlertKind, label {
        /// A user reported a sign-in that was not theirs.
        FraudReport = "fraud_report" => "Fraud report",
        /// A user, number or address was blocked.
        Block = "block" => "Block",
        /// Too many blocks at once, so automatic blocking stopped.
        Breaker = "breaker" => "Automatic blocking stopped",
        /// Tollwarden's configuration was changed.
        SetUpChange = "set_up_change" => "Set-up change",
        /// A source has been silent for longer than ever before.
        SourceSilent = "source_silent" => "Source silent",
        /// Messages to another recipient fail.
        DeliveryTrouble = "delivery_trouble" => "Delivery trouble",
        /// The gate refuses because of a spend cap.
        SpendCap = "spend_cap" => "Spend cap reached",
        /// A kill switch was set or removed, or expired.
        KillSwitch = "kill_switch" => "Kill switch",
        /// Far more codes or failures to a region than usual.
        Surge = "surge" => "Surge",
        /// Far fewer codes to a region are entered than usual.
        Conversion = "conversion" => "Conversion fell",
        /// A code was requested to a region without earlier traffic.
        FirstTraffic = "first_traffic" => "First traffic",
        /// A source reported an implausible cost.
        OddCost = "odd_cost" => "Odd cost",
        /// An event linked two names to one user.
        NamesJoined = "names_joined" => "Names joined",
        /// A whole number was shown to somebody who sees masks, or many rows were exported.
        DataAccess = "data_access" => "Data access",
        /// Many wrong passwords for one account.
        Guessing = "guessing" => "Password guessing",
    }
}

impl AlertKind {
    /// The plural within a sentence: `fraud reports`.
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
    Reach, label {
        /// By e-mail.
        Email = "email" => "E-mail",
        /// By a POST to its URL.
        Webhook = "webhook" => "Webhook",
    }
}

words! {
    /// Delivery state of a message.
    MessageState, label {
        /// To be sent, for the first time or again.
        Waiting = "waiting" => "Waiting",
        /// Accepted by the mail server or webhook.
        Sent = "sent" => "Sent",
        /// Given up after retries.
        Failed = "failed" => "Failed",
        /// No mail server is configured: it can only be read in the console.
        Kept = "kept" => "Not sent, no mail server",
    }
}

/// One alert, or several of a kind that arrived together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Decides who gets it and how it is worded.
    pub kind: AlertKind,
    /// Display names of the users concerned; may be empty.
    pub users: Vec<String>,
    /// Number of alerts combined; 0 counts as 1.
    pub count: u64,
    /// The cause, in one sentence.
    pub line: String,
    /// The console path of the details (`/fraud-alerts?…`).
    pub path: String,
}

impl Alert {
    /// A single alert about one user.
    pub fn of_user(kind: AlertKind, user: &str, line: String, path: String) -> Self {
        Self { kind, users: vec![user.to_owned()], count: 1, line, path }
    }

    /// A copy without what a message must not contain: line breaks, control characters, whole phone
    /// numbers, more than 20 users, or a path outside the console.
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

/// A webhook URL's scheme and host; `None` if it is no URL. The rest may be a secret.
pub fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let scheme = Some(scheme).filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    Some(format!("{scheme}://{host}"))
}

/// A recipient's address for display: for a webhook only the origin, except for admins.
pub fn shown_address(reach: Reach, address: &str, admin: bool) -> String {
    let origin = Some(()).filter(|()| !admin && reach == Reach::Webhook).and(origin(address));
    origin.unwrap_or_else(|| address.to_owned())
}

/// A text for messages: one line, truncated, whole phone numbers masked.
pub fn one_line(text: &str, longest: usize) -> String {
    // Joiners belong to Persian and Indic names.
    let joins = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    let turns = |c: char| crate::letters::turns(c) && !joins(c);
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
        assert_eq!(one_line("a\u{202e}b\u{2060}c", 9), "a b c", "nor what turns or hides letters");
        assert_eq!(one_line("نیم\u{200c}فاصله", 9), "نیم\u{200c}فاصله", "joiners stay");
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
