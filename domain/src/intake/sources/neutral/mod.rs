//! Our own event JSON (contract, section 3).

mod extra;
mod json;
mod record;
mod side;
#[cfg(test)]
pub(crate) mod tests;

use super::Rejection;
use super::text::{Text, no_nul, within};
use super::time::event_time;
use crate::{Event, Fault, Kind, PhoneNumber, Reason, Source};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::str::FromStr;

pub(crate) use extra::{EXTRA, size};
pub use json::to_line;
pub use record::Record;
pub use side::network_code;

/// Maximum characters of id, journey, provider reference and carrier.
const ID: usize = 200;
/// Maximum characters of user, device, flow and app.
pub(crate) const NAME: usize = 320;
/// Maximum characters of a browser string.
pub(crate) const USER_AGENT: usize = 2_048;
/// The source of the gate's own events, which count for its limits.
const GATE: &str = "gate";
/// Maximum characters of a source's reason text.
pub(crate) const REASON_TEXT: usize = 500;
/// The id limit, for other sources.
pub(crate) const EVENT_ID: usize = ID;
/// Maximum nesting of the whole event (contract: "deeper than 32" is refused).
const DEPTH: usize = 32;

/// Reads one event. An event without a source gets `default_source`.
///
/// # Errors
/// Not JSON, with line and column; else the first invalid field.
pub fn parse(json: &[u8], default_source: &Source, now: DateTime<Utc>) -> Result<Event, Rejection> {
    let record: Record<'_> = serde_json::from_slice(json)?;
    record.event(default_source, now)
}

impl Record<'_> {
    /// Validates the fields.
    ///
    /// # Errors
    /// The first invalid field: its name, a code, and what is allowed.
    pub fn event(self, default_source: &Source, now: DateTime<Utc>) -> Result<Event, Rejection> {
        if let Some(field) = &self.unknown {
            // Refused, not ignored: a mistyped name would silently lose its value.
            let message = format!("is not a field of an event; the fields are {}", record::FIELDS);
            return Err(Rejection::new(Fault::UnknownField, &crate::form::short(field), message));
        }
        if let Some(name) = &self.twice {
            let name: String = name.chars().take(64).collect();
            return Err(Rejection::new(Fault::Duplicate, &name, "is given twice; give it once"));
        }
        let id = text("id", self.id, ID)?.ok_or_else(|| required("id", ""))?;
        let source = match text("source", self.source, usize::MAX)? {
            Some(name) => name
                .parse()
                .map_err(|message: &str| Rejection::new(Fault::InvalidValue, "source", message))?,
            None => default_source.clone(),
        };
        if source.as_str() == GATE {
            let words = "gate is the name of the gate's own events; no other source may use it";
            return Err(Rejection::new(Fault::InvalidValue, "source", words));
        }
        let time = word("time", &self.time)?.ok_or_else(|| required("time", ""))?;
        let time = event_time("time", time, now)?;
        let kind: Kind = parsed("kind", Fault::InvalidChoice, &self.kind)?
            .ok_or_else(|| required("kind", ""))?;
        let phone: Option<PhoneNumber> = parsed("phone", Fault::InvalidPhone, &self.phone)?;
        let channel = parsed("channel", Fault::InvalidChoice, &self.channel)?;
        if phone.is_some() && channel.is_none() {
            return Err(required("channel", " when phone is given"));
        }
        let reason_text = text("reason_text", self.reason_text, REASON_TEXT)?;
        let reason = match parsed("reason", Fault::InvalidChoice, &self.reason)? {
            None => derived_reason(kind, reason_text.as_deref()),
            given => given,
        };
        let mut extra = extra(self.extra)?;
        let cost = side::cost(self.cost.as_ref(), &mut extra);
        let carrier = side::carrier(&self.carrier, &mut extra);
        let ip = side::ip(word("ip", &self.ip)?, &mut extra)?;
        Ok(Event {
            id,
            source,
            time,
            kind,
            journey: text("journey", self.journey, ID)?,
            user: text("user", self.user, NAME)?,
            device: text("device", self.device, NAME)?,
            flow: text("flow", self.flow, NAME)?,
            app: text("app", self.app, NAME)?,
            phone,
            channel,
            ip,
            user_agent: text("user_agent", self.user_agent, USER_AGENT)?,
            reason,
            reason_text,
            provider_ref: text("provider_ref", self.provider_ref, ID)?,
            carrier,
            cost,
            extra,
        })
    }
}

/// The reason in a source's text, for kinds of events that have one.
pub(crate) fn derived_reason(kind: Kind, text: Option<&str>) -> Option<Reason> {
    let tells = kind.is_failure() || matches!(kind, Kind::Denied | Kind::Reported);
    text.filter(|_| tells).map(Reason::from_text)
}

fn required(field: &str, when: &str) -> Rejection {
    Rejection::new(Fault::Required, field, format!("is required{when}"))
}

fn invalid_type(field: &str, found: &str, allowed: &str) -> Rejection {
    Rejection::new(Fault::InvalidType, field, format!("is {found}; {allowed} is allowed"))
}

/// A text as given; `None` if blank.
fn text(field: &str, value: Text<'_>, limit: usize) -> Result<Option<String>, Rejection> {
    match value {
        Text::Absent => Ok(None),
        Text::Str(text) if text.trim().is_empty() => Ok(None),
        Text::Str(text) => {
            within(field, &text, limit)?;
            Ok(Some(text.into_owned()))
        }
        other => Err(invalid_type(field, other.what(), "a string")),
    }
}

/// A word to parse; `None` if blank.
fn word<'a>(field: &str, value: &'a Text<'_>) -> Result<Option<&'a str>, Rejection> {
    match value {
        Text::Absent => Ok(None),
        Text::Str(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        other => Err(invalid_type(field, other.what(), "a string")),
    }
}

fn parsed<T>(field: &str, code: Fault, value: &Text<'_>) -> Result<Option<T>, Rejection>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    word(field, value)?
        .map(|text| {
            text.parse().map_err(|error: T::Err| Rejection::new(code, field, error.to_string()))
        })
        .transpose()
}

fn extra(value: Option<Value>) -> Result<Map<String, Value>, Rejection> {
    let members = match value {
        None | Some(Value::Null) => return Ok(Map::new()),
        Some(Value::String(text)) if text.is_empty() => return Ok(Map::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(Rejection::new(Fault::InvalidType, "extra", "must be an object")),
    };
    // The event is the first level, `extra` the second.
    for (key, value) in &members {
        no_nul("extra", key)?;
        storable(value, DEPTH - 2)?;
    }
    let size = size(&members);
    if size > EXTRA {
        let message = format!("has {size} bytes as JSON; at most {EXTRA} are allowed");
        return Err(Rejection::new(Fault::TooLarge, "extra", message));
    }
    Ok(members)
}

/// Refuses what the store cannot hold, and nesting deeper than `levels`.
fn storable(value: &Value, levels: usize) -> Result<(), Rejection> {
    let deeper = || {
        levels.checked_sub(1).ok_or_else(|| {
            let message = format!("is nested too deep; an event may have {DEPTH} levels");
            Rejection::new(Fault::InvalidJson, "extra", message)
        })
    };
    match value {
        Value::String(text) => no_nul("extra", text),
        Value::Array(items) => {
            let levels = deeper()?;
            items.iter().try_for_each(|item| storable(item, levels))
        }
        Value::Object(members) => {
            let levels = deeper()?;
            members.iter().try_for_each(|(key, value)| {
                no_nul("extra", key)?;
                storable(value, levels)
            })
        }
        _ => Ok(()),
    }
}
