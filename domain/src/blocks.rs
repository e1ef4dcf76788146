//! Blocks and bypasses: whom and what the gate refuses, or lets through once (contract, sections
//! 1, 5 and 6).

use crate::events::{fold_user, hash16};
use crate::period::parse_time;
use crate::{Channel, Fault, Invalid};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

mod json;
mod kind;
mod list;
mod target;
#[cfg(test)]
mod tests;

pub use kind::BlockKind;
pub use list::{Bad, List, read_list};
pub use target::{Target, USER_MAX, keys_of, keys_of_ip, shown};

/// Most letters of a reason.
pub const REASON_MAX: usize = 500;
/// Most days that a block lasts, unless it lasts until somebody unblocks.
const DAYS_MAX: i64 = 3_650;
/// Most seconds that a bypass waits to be used: seven days.
const BYPASS_SECONDS_MAX: i64 = 7 * 86_400;
/// Who ends what has a time, when that comes.
pub const TIME_ENDS_BY: &str = "tollwarden";
/// Why it ended then.
pub const TIME_ENDS_WHY: &str = "its time was over";

/// The person that a user's name makes of itself, where nobody joined it to another's: the same
/// for every writer that meets the name.
pub fn person(name: &str) -> Uuid {
    hash16(&[b"person", fold_user(name).as_bytes()])
}

/// Why somebody did something: 1 to 500 characters, letters or digits among them, no control
/// characters, ends trimmed.
///
/// # Errors
/// In field `reason`.
pub fn reason(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    // Marks that nobody sees, and signs alone, tell nobody anything.
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::one(
            "reason",
            Fault::Required,
            "A reason is needed: it stays on record.",
        ));
    }
    if text.chars().count() > REASON_MAX || text.chars().any(char::is_control) {
        let words = format!("A reason has 1 to {REASON_MAX} characters, in one line.");
        return Err(Invalid::one("reason", Fault::of_text(text, REASON_MAX), words));
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
        Err(words) => wrong(Fault::InvalidTime, words),
        Ok(time) if time <= now => wrong(Fault::TimeOutOfRange, "must be in the future"),
        Ok(time) if time > now + TimeDelta::days(DAYS_MAX) => {
            wrong(Fault::TimeOutOfRange, "must be within ten years; leave it out for no end")
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
    /// A word of [`BlockKind`]; detected from the value when empty.
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
                    invalid.push("only_channel", Fault::InvalidChoice, words);
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

/// What a bypass can be of.
const PASSES: &str = "must be one of user, number";

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
        let mut target = match kind.trim().parse::<BlockKind>() {
            Ok(kind) if !kind.can_pass() => {
                invalid.push("kind", Fault::InvalidChoice, PASSES);
                None
            }
            _ => read_target(kind, value, &mut invalid),
        };
        if target.as_ref().is_some_and(|target| !target.kind().can_pass()) {
            invalid.push("value", Fault::InvalidChoice, PASSES);
            target = None;
        }
        let allowed = seconds.filter(|seconds| (1..=BYPASS_SECONDS_MAX).contains(seconds));
        if allowed.is_none() {
            let fault = seconds.map_or(Fault::InvalidType, |seconds| Fault::outside(seconds, 1));
            let words = format!("must be a whole number from 1 to {BYPASS_SECONDS_MAX} (7 days)");
            invalid.push("seconds", fault, words);
        }
        let reason = read_reason(reason, &mut invalid);
        match (target, allowed, invalid.fields.is_empty()) {
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
                invalid.push("kind", Fault::InvalidChoice, words);
                return None;
            }
        },
    };
    let target = match kind {
        Some(kind) => Target::entered(kind, value),
        None => Target::detect(value),
    };
    target.map_err(|words| invalid.push("value", fault(kind, value), words)).ok()
}

/// What is wrong with a value that is nobody, or nothing, to block.
pub fn fault(kind: Option<BlockKind>, value: &str) -> Fault {
    match kind {
        _ if value.trim().is_empty() => Fault::Required,
        Some(BlockKind::Number) => Fault::InvalidPhone,
        Some(BlockKind::Ip | BlockKind::IpNetwork) => Fault::InvalidIp,
        Some(BlockKind::User) => Fault::of_text(value, USER_MAX),
        Some(BlockKind::NumberBlock) | None => Fault::InvalidValue,
    }
}

fn read_reason(text: &str, invalid: &mut Invalid) -> String {
    reason(text).unwrap_or_else(|wrong| {
        invalid.fields.extend(wrong.fields);
        String::new()
    })
}
