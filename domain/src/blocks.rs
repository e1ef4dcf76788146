//! Blocks and bypasses: whom and what the gate refuses, or lets through once (contract, sections
//! 1, 5 and 6).

use crate::events::{fold_user, hash16, words};
use crate::period::parse_time;
use crate::phone::PhoneError;
use crate::signins::masked_text;
use crate::workbook::Sight;
use crate::{Channel, Invalid, PhoneNumber};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

mod list;
#[cfg(test)]
mod tests;

pub(crate) use list::cells;
pub use list::{Bad, List, read_list};

words! {
    /// What a block is of. Bypasses are of users and numbers alone.
    BlockKind {
        /// A user, by any of their names.
        User = "user",
        /// A number.
        Number = "number",
        /// A number without its last 2, 3 or 4 digits.
        NumberBlock = "number_block",
    }
}

/// Most letters of a user's name, as in events (contract, section 3).
pub const USER_MAX: usize = 320;
/// Most letters of a reason.
pub const REASON_MAX: usize = 500;
/// Most days that a block lasts, unless it lasts until somebody unblocks.
pub const DAYS_MAX: i64 = 3_650;
/// Most seconds that a bypass waits to be used: seven days.
pub const BYPASS_SECONDS_MAX: i64 = 7 * 86_400;
/// Who ends what has a time, when that comes.
pub const TIME_ENDS_BY: &str = "tollwarden";
/// Why it ended then.
pub const TIME_ENDS_WHY: &str = "its time was over";

/// What a block or a bypass is of, parsed.
///
/// Numbers stand in E.164 form. The one form of a block of numbers is its digits and an `x` for
/// each digit left open: `+1415555xxxx` is all numbers of 11 digits that begin so. Digits alone,
/// `+1415555`, are all numbers that have two, three or four digits more.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Target {
    kind: BlockKind,
    value: String,
    key: String,
}

impl Target {
    /// Reads a value of a kind. A block of numbers may also be written with `*` or `•` instead of
    /// `x`, or with how many digits are left open: `+1415555/4`.
    ///
    /// # Errors
    /// A sentence that says what is allowed.
    pub fn parse(kind: BlockKind, text: &str) -> Result<Self, String> {
        let (value, key) = match kind {
            BlockKind::User => user(text)?,
            BlockKind::Number => {
                let number = text.parse::<PhoneNumber>().map_err(|error| error.to_string())?;
                (number.to_string(), number.to_string())
            }
            BlockKind::NumberBlock => {
                let block = number_block(text)?;
                (block.clone(), block)
            }
        };
        Ok(Self { kind, value, key })
    }

    /// Reads a value whose kind nobody named: with a plus sign it is a number, or a block of
    /// numbers where digits are left open; all else is a user.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn guess(text: &str) -> Result<Self, String> {
        let kind = match text.trim().strip_prefix('+') {
            None => BlockKind::User,
            Some(rest) if rest.chars().any(|letter| is_open(letter) || letter == '/') => {
                BlockKind::NumberBlock
            }
            Some(_) => BlockKind::Number,
        };
        Self::parse(kind, text)
    }

    /// What it is.
    pub fn kind(&self) -> BlockKind {
        self.kind
    }

    /// As it is shown to those who see whole numbers.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// For comparison: the user folded, the number, the block in its one form.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// As it is shown to somebody.
    pub fn shown(&self, sight: Sight) -> String {
        shown(self.kind, &self.value, sight)
    }

    /// What the audit log calls it: `user ann@example.com`, `number +14155550100`.
    pub fn object(&self) -> String {
        format!("{} {}", self.kind, self.value)
    }
}

/// Logs see masks: whole numbers never reach them.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind, self.shown(Sight::Masked))
    }
}

/// A value of a kind as somebody may see it. Of a block of numbers the calling code and at most
/// four digits are kept, and at least four stay hidden or open.
pub fn shown(kind: BlockKind, value: &str, sight: Sight) -> String {
    match (kind, sight) {
        (_, Sight::Whole) => value.to_owned(),
        // Some sign in with their number.
        (BlockKind::User | BlockKind::Number, Sight::Masked) => {
            match value.parse::<PhoneNumber>() {
                Ok(number) => number.masked(),
                Err(_) => masked_text(value),
            }
        }
        (BlockKind::NumberBlock, Sight::Masked) => masked_block(value),
    }
}

fn masked_block(value: &str) -> String {
    let whole = value.trim_start_matches('+');
    let digits = whole.chars().filter(char::is_ascii_digit).count();
    let open = if whole.len() > digits { whole.len() - digits } else { 2 };
    let filled: String = whole.chars().map(|c| if c == 'x' { '0' } else { c }).collect();
    // Digits alone may be too few for a number; what is added changes no calling code.
    let code = format!("+{filled:0<7}").parse().map_or(3, PhoneNumber::calling_code_len);
    let head = digits.saturating_sub(code).min((digits + open).saturating_sub(code + 4)).min(4);
    let hide = |(at, letter): (usize, char)| match letter {
        'x' => 'x',
        _ if at < code + head => letter,
        _ => '•',
    };
    std::iter::once('+').chain(whole.chars().enumerate().map(hide)).collect()
}

/// The keys that blocks of a number have: its own, and those of every block it lies in.
pub fn keys_of(number: PhoneNumber) -> (String, Vec<String>) {
    let whole = number.to_string();
    let blocks = (2..=4)
        .filter_map(|open| Some((open, whole.get(..whole.len().checked_sub(open)?)?)))
        .flat_map(|(open, digits)| [format!("{digits}{}", "x".repeat(open)), digits.to_owned()])
        .collect();
    (whole, blocks)
}

/// The person that a user's name makes of itself, where nobody joined it to another's: the same
/// for every writer that meets the name.
pub fn person(name: &str) -> Uuid {
    hash16(&[b"person", fold_user(name).as_bytes()])
}

fn user(text: &str) -> Result<(String, String), String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > USER_MAX || text.chars().any(char::is_control) {
        return Err(format!("must be 1 to {USER_MAX} characters without control characters"));
    }
    Ok((text.to_owned(), fold_user(text)))
}

fn is_open(letter: char) -> bool {
    matches!(letter, 'x' | 'X' | '*' | '•')
}

fn number_block(text: &str) -> Result<String, String> {
    const ALLOWED: &str =
        "must be a number whose last 2, 3 or 4 digits are left open, such as +1415555xxxx";
    let mut digits = String::new();
    let mut open = 0_usize;
    let mut letters = text.trim().chars();
    if letters.next() != Some('+') {
        return Err(ALLOWED.to_owned());
    }
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\u{a0}' | '-' | '.' | '(' | ')' => {}
            '0'..='9' if open == 0 => digits.push(letter),
            '/' if open == 0 => {
                open = letters.as_str().trim().parse().map_err(|_| ALLOWED)?;
                if open == 0 {
                    return Err(ALLOWED.to_owned());
                }
                break;
            }
            letter if is_open(letter) => open += 1,
            _ => return Err(ALLOWED.to_owned()),
        }
    }
    if digits.starts_with('0') {
        return Err(PhoneError::LeadingZero.to_string());
    }
    let fits = match open {
        // Two, three or four digits make a number of it.
        0 => (3..=13).contains(&digits.len()),
        2..=4 => (7..=15).contains(&(digits.len() + open)),
        _ => false,
    };
    if !fits {
        return Err(format!("{ALLOWED}; a number has 7 to 15 digits"));
    }
    Ok(format!("+{digits}{}", "x".repeat(open)))
}

/// Why somebody did something: 1 to 500 characters, no control characters, ends trimmed.
///
/// # Errors
/// In field `reason`.
pub fn reason(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::one("reason", "required", "A reason is needed: it stays on record."));
    }
    if text.chars().count() > REASON_MAX || text.chars().any(char::is_control) {
        let words = format!("A reason has 1 to {REASON_MAX} characters, in one line.");
        return Err(Invalid::one("reason", "invalid_reason", words));
    }
    Ok(text.to_owned())
}

/// Until when something lasts; nothing for an empty text.
///
/// # Errors
/// In field `until`: no time, not in the future, or more than ten years away.
pub fn until(text: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Invalid> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = |code, words: &str| Err(Invalid::one("until", code, words));
    match parse_time(text) {
        Err(words) => wrong("invalid_time", words),
        Ok(time) if time <= now => wrong("until_past", "must be in the future"),
        Ok(time) if time > now + TimeDelta::days(DAYS_MAX) => {
            wrong("until_too_far", "must be within ten years; leave it out for no end")
        }
        Ok(time) => Ok(Some(time)),
    }
}

/// A block to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlock {
    /// Of whom or what.
    pub target: Target,
    /// Nothing: refused altogether. Else the one channel that is still offered.
    pub only_channel: Option<Channel>,
    /// Until when; nothing: until unblocked.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: String,
}

/// A block as it is entered, field by field; empty is absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct BlockFields<'a> {
    /// `user`, `number` or `number_block`; guessed from the value when empty.
    pub kind: &'a str,
    /// Whom or what.
    pub value: &'a str,
    /// A channel's word.
    pub only_channel: &'a str,
    /// A time.
    pub until: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl NewBlock {
    /// Reads what was entered.
    ///
    /// # Errors
    /// Everything that is wrong, by field.
    pub fn read(fields: BlockFields<'_>, now: DateTime<Utc>) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let target = read_target(fields.kind, fields.value, &mut invalid);
        let only_channel = match fields.only_channel.trim() {
            "" => None,
            word => match word.parse() {
                Ok(channel) => Some(channel),
                Err(words) => {
                    invalid.push("only_channel", "invalid_channel", words);
                    None
                }
            },
        };
        let until = until(fields.until, now).unwrap_or_else(|wrong| {
            invalid.fields.extend(wrong.fields);
            None
        });
        let reason = read_reason(fields.reason, &mut invalid);
        match (target, invalid.fields.is_empty()) {
            (Some(target), true) => Ok(Self { target, only_channel, until, reason }),
            _ => Err(invalid),
        }
    }
}

/// A bypass to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBypass {
    /// Of whom: a user or a number.
    pub target: Target,
    /// How long it waits to be used.
    pub seconds: i64,
    /// Why.
    pub reason: String,
}

impl NewBypass {
    /// Reads what was entered. `seconds` is nothing when no number was.
    ///
    /// # Errors
    /// Everything that is wrong, by field.
    pub fn read(
        kind: &str,
        value: &str,
        seconds: Option<i64>,
        reason: &str,
    ) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let mut target = read_target(kind, value, &mut invalid);
        if target.as_ref().is_some_and(|target| target.kind == BlockKind::NumberBlock) {
            let field = if kind.trim().is_empty() { "value" } else { "kind" };
            invalid.push(field, "invalid_kind", "must be one of user, number");
            target = None;
        }
        let seconds = seconds.filter(|seconds| (1..=BYPASS_SECONDS_MAX).contains(seconds));
        if seconds.is_none() {
            let words = format!("must be a whole number from 1 to {BYPASS_SECONDS_MAX} (7 days)");
            invalid.push("seconds", "invalid_seconds", words);
        }
        let reason = read_reason(reason, &mut invalid);
        match (target, seconds, invalid.fields.is_empty()) {
            (Some(target), Some(seconds), true) => Ok(Self { target, seconds, reason }),
            _ => Err(invalid),
        }
    }
}

fn read_target(kind: &str, value: &str, invalid: &mut Invalid) -> Option<Target> {
    let kind = match kind.trim() {
        "" => None,
        word => match word.parse::<BlockKind>() {
            Ok(kind) => Some(kind),
            Err(words) => {
                invalid.push("kind", "invalid_kind", words);
                return None;
            }
        },
    };
    let target = match kind {
        Some(kind) => Target::parse(kind, value),
        None => Target::guess(value),
    };
    target.map_err(|words| invalid.push("value", "invalid_value", words)).ok()
}

fn read_reason(text: &str, invalid: &mut Invalid) -> String {
    reason(text).unwrap_or_else(|wrong| {
        invalid.fields.extend(wrong.fields);
        String::new()
    })
}
