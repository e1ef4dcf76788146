//! Blocks and bypasses: what the gate refuses, or lets through once (contract, sections 1, 5 and
//! 6).

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
pub use list::{InvalidLine, List, read_list};
pub use target::{Target, USER_MAX, keys_of, keys_of_ip, value_text};

/// Most characters of a reason.
pub const REASON_MAX: usize = 500;
/// Most days of a block that has an end.
const DAYS_MAX: i64 = 3_650;
/// Most seconds for which a bypass can be used: seven days.
const BYPASS_SECONDS_MAX: i64 = 7 * 86_400;
/// The actor recorded for a block or bypass that expired.
pub const TIME_ENDS_BY: &str = "tollwarden";
/// The reason recorded for it.
pub const TIME_ENDS_WHY: &str = "its time was over";

/// The person that a user name stands for until it is joined to another name; every writer derives
/// the same one.
pub fn person(name: &str) -> Uuid {
    hash16(&[b"person", fold_user(name).as_bytes()])
}

/// Parses a reason: 1 to 500 characters in one line, with at least one letter or digit; trimmed.
///
/// # Errors
/// In field `reason`, when it is missing, too long or holds control characters.
pub fn reason(text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    // Invisible characters and punctuation alone explain nothing.
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Invalid::one(
            "reason",
            Fault::Required,
            "A reason is required; it is recorded.",
        ));
    }
    if text.chars().count() > REASON_MAX || text.chars().any(char::is_control) {
        let words = format!("A reason has 1 to {REASON_MAX} characters, in one line.");
        return Err(Invalid::one("reason", Fault::of_text(text, REASON_MAX), words));
    }
    Ok(text.to_owned())
}

/// Parses an end; `None` for an empty text.
///
/// # Errors
/// In field `until`, when it is not a time, not in the future, or more than ten years away.
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

/// A block to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBlock {
    /// The user, number, address, block of numbers or network to block.
    pub target: Target,
    /// The one channel that stays allowed; `None` blocks all.
    pub only_channel: Option<Channel>,
    /// `None`: until somebody unblocks.
    pub until: Option<DateTime<Utc>>,
    /// Trimmed, in one line.
    pub reason: String,
}

/// The fields of a block as they were entered; an empty one is absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct BlockFields<'a> {
    /// A word of [`BlockKind`]; if empty, the kind is detected from the value.
    pub kind: &'a str,
    /// A user, number, address, block of numbers or network.
    pub value: &'a str,
    /// A word of [`Channel`].
    pub only_channel: &'a str,
    /// A time (see [`until`]).
    pub until: &'a str,
    /// See [`reason`].
    pub reason: &'a str,
}

impl NewBlock {
    /// Parses the fields.
    ///
    /// # Errors
    /// All invalid fields, and missing `value` and `reason`.
    pub fn read(fields: BlockFields<'_>, now: DateTime<Utc>) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let target = read_target(fields.kind, fields.value, &mut invalid);
        let only_channel = match fields.only_channel.trim() {
            "" => None,
            word => word
                .parse()
                .map_err(|words: String| invalid.push("only_channel", Fault::InvalidChoice, words))
                .ok(),
        };
        let until = invalid.keep(until(fields.until, now)).flatten();
        let reason = invalid.keep(reason(fields.reason));
        match (target, reason, invalid.fields.is_empty()) {
            (Some(target), Some(reason), true) => Ok(Self { target, only_channel, until, reason }),
            _ => Err(invalid),
        }
    }
}

/// What is wrong with another kind of bypass.
const PASSES: &str = "must be one of user, number";

/// A bypass to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBypass {
    /// A user or a number.
    pub target: Target,
    /// For how long it can be used, 1 to 604,800.
    pub seconds: i64,
    /// Trimmed, in one line.
    pub reason: String,
}

impl NewBypass {
    /// Parses the fields; `seconds` is `None` when no whole number was entered.
    ///
    /// # Errors
    /// All invalid fields, and missing `value`, `seconds` and `reason`.
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
        let reason = invalid.keep(self::reason(reason));
        match (target, allowed, reason) {
            (Some(target), Some(seconds), Some(reason)) => Ok(Self { target, seconds, reason }),
            _ => Err(invalid),
        }
    }
}

fn read_target(kind: &str, value: &str, invalid: &mut Invalid) -> Option<Target> {
    let kind = match kind.trim() {
        "" => None,
        word => Some(
            word.parse().map_err(|words| invalid.push("kind", Fault::InvalidChoice, words)).ok()?,
        ),
    };
    let target = match kind {
        Some(kind) => Target::entered(kind, value),
        None => Target::detect(value),
    };
    target.map_err(|words| invalid.push("value", fault(kind, value), words)).ok()
}

/// The fault code of a value that cannot be blocked.
pub fn fault(kind: Option<BlockKind>, value: &str) -> Fault {
    match kind {
        _ if value.trim().is_empty() => Fault::Required,
        Some(BlockKind::Number) => Fault::InvalidPhone,
        Some(BlockKind::Ip | BlockKind::IpNetwork) => Fault::InvalidIp,
        Some(BlockKind::User) => Fault::of_text(value, USER_MAX),
        Some(BlockKind::NumberBlock) | None => Fault::InvalidValue,
    }
}
