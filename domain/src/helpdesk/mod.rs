//! Help-desk search: what was typed into the box, and the answer to "why does this person get no
//! code", in sentences.

mod number;
mod sentences;
#[cfg(test)]
mod tests;

pub use number::Looked;
pub use sentences::{Sentence, Tone, sentences};

use crate::address::client_address;
use crate::handles::{Handle, HandleError, HandleKey};
use crate::phone::plain;
use crate::workbook::Sight;
use crate::{Channel, Fault, Invalid, Kind, PhoneNumber, Reason};
use chrono::{DateTime, Utc};
use std::net::IpAddr;
use uuid::Uuid;

/// How far back attempts count as recent, in hours.
pub const RECENT_HOURS: i64 = 24;
/// How far back anything is looked for, in days.
pub const DAYS: i64 = 90;
/// Most letters of a question: no journey or user has more.
const LETTERS: usize = 320;

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing was typed.
    Nothing,
    /// A user, by the name for comparison, named by handle.
    User(String),
    /// A number.
    Number(PhoneNumber),
    /// An address.
    Ip(IpAddr),
    /// An attempt, a report, a journey, or a user whose name is an id.
    Id(Uuid),
    /// A journey, or a user.
    Text(String),
}

/// Reads what was typed. Who sees masks names numbers by handles alone.
///
/// # Errors
/// In field `q`.
pub fn read(text: &str, key: &HandleKey, sight: Sight) -> Result<Wanted, Invalid> {
    let text = text.trim();
    let wrong = |code: Fault, words: &str| Err(Invalid::one("q", code, words));
    if text.is_empty() {
        return Ok(Wanted::Nothing);
    }
    match key.read(text) {
        Ok(Handle::Number(phone)) => return Ok(Wanted::Number(phone)),
        Ok(Handle::User(user)) => return Ok(Wanted::User(user)),
        Err(HandleError::Foreign) => {
            return wrong(Fault::InvalidValue, &format!("The link {}.", HandleError::Foreign));
        }
        Err(HandleError::Shape) => {}
    }
    if text.chars().count() > LETTERS {
        return wrong(Fault::TooLong, &format!("A search has at most {LETTERS} characters."));
    }
    if text.chars().any(char::is_control) {
        return wrong(Fault::InvalidValue, "A search has no control characters.");
    }
    if let Some(ip) = client_address(text) {
        return Ok(Wanted::Ip(ip));
    }
    if let Ok(id) = Uuid::try_parse(text) {
        return Ok(Wanted::Id(id));
    }
    let digits = crate::mask::hides(text);
    if looks_dialled(text) || looks_dialled(&plain(text)) || (digits && sight == Sight::Masked) {
        if sight == Sight::Masked {
            let words = "Your role does not look numbers up by their digits. Choose the number \
                         in the sign-in log; an attempt's page shows it whole, for a reason.";
            return wrong(Fault::Forbidden, words);
        }
        return match text.parse() {
            Ok(phone) => Ok(Wanted::Number(phone)),
            Err(_) if text.chars().next().is_some_and(|first| first.is_ascii_digit()) => wrong(
                Fault::InvalidPhone,
                "A number begins with a plus sign and its country's code, such as +49 151 1234567.",
            ),
            Err(error) => wrong(Fault::InvalidPhone, &format!("The number {error}.")),
        };
    }
    Ok(Wanted::Text(text.to_owned()))
}

/// Meant as a number: seven digits or more, of whatever script, and nothing but what stands between
/// digits; or a plus sign and a digit, whatever follows.
fn looks_dialled(text: &str) -> bool {
    let shown = || text.chars().filter(|letter| !is_direction(*letter));
    let digits = shown().filter(|letter| letter.is_numeric()).count();
    let only = |letter: char| letter.is_numeric() || " \u{a0}+\u{ff0b}-./()".contains(letter);
    let plus = |letter: char| matches!(letter, '+' | '\u{ff0b}');
    let begins = shown().next().is_some_and(plus)
        && shown().nth(1).is_none_or(|letter| letter.is_numeric() || plus(letter));
    begins || ((digits >= 7 || shown().next().is_some_and(plus)) && shown().all(only))
}

/// Marks that only say in which direction text runs: they come along when a number is copied.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A user.
    User {
        /// As shown.
        name: String,
        /// Other names of the same person.
        others: Vec<String>,
    },
    /// A number.
    Number {
        /// As shown.
        number: String,
    },
    /// An address.
    Ip(IpAddr),
}

/// A block that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Whom or what it stops, as shown.
    pub whom: String,
    /// The one channel that is still offered; none: refused altogether.
    pub only_channel: Option<Channel>,
    /// From when.
    pub since: DateTime<Utc>,
    /// Until when; none: until somebody unblocks.
    pub until: Option<DateTime<Utc>>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Whether a fraud report brought it about by itself.
    pub auto: bool,
}

/// A one-time bypass that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Whom it lets through, as shown.
    pub whom: String,
    /// Until when.
    pub until: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An attempt, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// When it began.
    pub time: DateTime<Utc>,
    /// What it came to.
    pub outcome: Kind,
    /// Why.
    pub reason: Option<Reason>,
}

/// A code that the gate refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub time: DateTime<Utc>,
    /// Why: the sentence of the reason that decided, as shown.
    pub message: String,
    /// Until when another had to wait, where waiting helps.
    pub until: Option<DateTime<Utc>>,
}

/// A report of fraud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// When the user reported.
    pub time: DateTime<Utc>,
    /// Whether the user was blocked for it.
    pub blocked: bool,
    /// Whether somebody has dealt with it.
    pub handled: bool,
}

/// When a number was last verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The number, as shown.
    pub number: String,
    /// When; none: not in the last [`DAYS`] days.
    pub last: Option<DateTime<Utc>>,
}

/// What is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Of what.
    pub subject: Subject,
    /// What the number's digits tell, when it is about a number.
    pub looked: Option<Looked>,
    /// Blocks that hold.
    pub blocks: Vec<Held>,
    /// Bypasses that can still be used.
    pub bypasses: Vec<Open>,
    /// The newest attempts of the last [`DAYS`] days, newest first.
    pub tries: Vec<Try>,
    /// The latest refusals by the gate, newest first, each for another reason.
    pub refusals: Vec<Refusal>,
    /// The numbers that were tried, newest first.
    pub verified: Vec<Verified>,
    /// Users that tried the number or came from the address, as shown; not the subject's own name.
    pub users: Vec<String>,
    /// The newest reports, newest first.
    pub reports: Vec<Report>,
}

impl Facts {
    /// Nothing is known.
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
