//! Help-desk search: parses the search box, and answers "why does this person get no code" in
//! sentences.

mod number;
mod sentences;
#[cfg(test)]
mod tests;

pub use number::LookedUpNumber;
pub use sentences::{Sentence, Tone, sentences};

use crate::address::client_address;
use crate::handles::{Handle, HandleError, HandleKey};
use crate::phone::plain;
use crate::workbook::Sight;
use crate::{Channel, Fault, Invalid, Kind, PhoneNumber, Reason};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use uuid::Uuid;

/// Hours in which attempts count as recent.
pub const RECENT_HOURS: i64 = 24;
/// Days that a search goes back.
pub const DAYS: i64 = 90;
/// Most characters of a search: no journey or user name has more.
const LETTERS: usize = 320;

/// What was searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchTerm {
    /// The box was empty.
    Nothing,
    /// A folded user name, from a handle.
    User(String),
    /// A phone number.
    Number(PhoneNumber),
    /// An IP address.
    Ip(IpAddr),
    /// The id of an attempt, a report or a journey, or a user whose name is a UUID.
    Id(Uuid),
    /// A journey or a user name.
    Text(String),
}

/// Parses a search. Users who see masks can search for numbers only by handle.
///
/// # Errors
/// In field `q`: a handle of another store, a text that is too long or has control characters, an
/// invalid number, or a number from a user who sees masks.
pub fn read(text: &str, key: &HandleKey, sight: Sight) -> Result<SearchTerm, Invalid> {
    let text = text.trim();
    let wrong = |code: Fault, words: &str| Err(Invalid::one("q", code, words));
    if text.is_empty() {
        return Ok(SearchTerm::Nothing);
    }
    match key.read(text) {
        Ok(Handle::Number(phone)) => return Ok(SearchTerm::Number(phone)),
        Ok(Handle::User(user)) => return Ok(SearchTerm::User(user)),
        Err(HandleError::Foreign) => {
            return wrong(Fault::InvalidValue, &format!("The link {}.", HandleError::Foreign));
        }
        Err(HandleError::Shape) => {}
    }
    if text.chars().count() > LETTERS {
        return wrong(Fault::TooLong, &format!("A search has at most {LETTERS} characters."));
    }
    if text.chars().any(char::is_control) {
        return wrong(Fault::InvalidValue, "A search cannot contain control characters.");
    }
    if let Some(ip) = client_address(text) {
        return Ok(SearchTerm::Ip(ip));
    }
    if let Ok(id) = Uuid::try_parse(text) {
        return Ok(SearchTerm::Id(id));
    }
    let digits = crate::mask::hides(text);
    if looks_dialled(text) || looks_dialled(&plain(text)) || (digits && sight == Sight::Masked) {
        if sight == Sight::Masked {
            let words = "Your role cannot look up numbers by their digits. Choose the number in \
                         the sign-in log; an attempt's page shows the full number if you give a \
                         reason.";
            return wrong(Fault::Forbidden, words);
        }
        return match text.parse() {
            Ok(phone) => Ok(SearchTerm::Number(phone)),
            Err(_) if text.chars().next().is_some_and(|first| first.is_ascii_digit()) => wrong(
                Fault::InvalidPhone,
                "A number begins with a plus sign and its country's code, such as +49 151 1234567.",
            ),
            Err(error) => wrong(Fault::InvalidPhone, &format!("The number {error}.")),
        };
    }
    Ok(SearchTerm::Text(text.to_owned()))
}

/// Whether a text is meant as a number: at least seven digits of any script with only separators
/// between them, or a plus sign and a digit.
fn looks_dialled(text: &str) -> bool {
    let shown = || text.chars().filter(|letter| !is_direction(*letter));
    let digits = shown().filter(|letter| letter.is_numeric()).count();
    let only = |letter: char| letter.is_numeric() || " \u{a0}+\u{ff0b}-./()".contains(letter);
    let plus = |letter: char| matches!(letter, '+' | '\u{ff0b}');
    let begins = shown().next().is_some_and(plus)
        && shown().nth(1).is_none_or(|letter| letter.is_numeric() || plus(letter));
    begins || ((digits >= 7 || shown().next().is_some_and(plus)) && shown().all(only))
}

/// Marks of text direction, which copying adds to numbers.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user, by any of their names.
    User {
        /// As displayed.
        name: String,
        /// Other names of the same person, as displayed.
        others: Vec<String>,
    },
    /// A phone number.
    Number {
        /// As displayed, perhaps masked.
        number: String,
    },
    /// An IP address.
    Ip(IpAddr),
}

/// An active block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockFact {
    /// The blocked target, as displayed.
    pub whom: String,
    /// The one channel that stays allowed; `None` blocks all.
    pub only_channel: Option<Channel>,
    /// When it began.
    pub since: DateTime<Utc>,
    /// `None`: until somebody unblocks.
    pub until: Option<DateTime<Utc>>,
    /// The account or key that blocked.
    pub by: String,
    /// As entered by whoever blocked.
    pub reason: String,
    /// Whether a fraud report caused it automatically.
    pub auto: bool,
}

/// A bypass that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BypassFact {
    /// The user or number, as displayed.
    pub whom: String,
    /// The end of the time to use it.
    pub until: DateTime<Utc>,
    /// The account or key that gave it.
    pub by: String,
    /// As entered by whoever gave it.
    pub reason: String,
}

/// An attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptFact {
    /// When it began.
    pub time: DateTime<Utc>,
    /// See [`crate::attempts::Attempt::outcome`].
    pub outcome: Kind,
    /// The outcome's reason.
    pub reason: Option<Reason>,
}

/// A code that the gate refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalFact {
    /// When the gate decided.
    pub time: DateTime<Utc>,
    /// The deciding reason's sentence, as displayed.
    pub message: String,
    /// The end of the wait, where waiting helps.
    pub until: Option<DateTime<Utc>>,
}

/// A fraud report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportFact {
    /// When the user reported.
    pub time: DateTime<Utc>,
    /// Whether the report blocked the user.
    pub blocked: bool,
    /// Whether it is marked as handled.
    pub handled: bool,
}

/// When a number was last verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedFact {
    /// As displayed, perhaps masked.
    pub number: String,
    /// `None`: not in the last [`DAYS`] days.
    pub last: Option<DateTime<Utc>>,
}

/// Everything that an answer is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// What the answer is about.
    pub subject: Subject,
    /// What the number data says, for a number.
    pub looked: Option<LookedUpNumber>,
    /// Active blocks.
    pub blocks: Vec<BlockFact>,
    /// Bypasses that can still be used.
    pub bypasses: Vec<BypassFact>,
    /// Attempts of the last [`DAYS`] days, newest first.
    pub tries: Vec<AttemptFact>,
    /// The gate's latest refusals, newest first, one per reason.
    pub refusals: Vec<RefusalFact>,
    /// The numbers that were tried, newest first.
    pub verified: Vec<VerifiedFact>,
    /// Users that tried the number or came from the address, as displayed; without the subject
    /// itself.
    pub users: Vec<String>,
    /// The latest fraud reports, newest first.
    pub reports: Vec<ReportFact>,
}

impl Facts {
    /// A subject without any facts.
    pub fn of(subject: Subject) -> Self {
        Self {
            subject,
            looked: None,
            blocks: Vec::new(),
            bypasses: Vec::new(),
            tries: Vec::new(),
            refusals: Vec::new(),
            verified: Vec::new(),
            users: Vec::new(),
            reports: Vec::new(),
        }
    }
}
