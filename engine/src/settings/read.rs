//! Documents read as a section's type, with an error for each field that is wrong.

use super::section::Section;
use chrono::{DateTime, Utc};
use domain::form::short;
use domain::{Fault, Invalid};
use serde_json::{Map, Value};

pub(super) fn default<T: Section>() -> Value {
    // A section is a struct with text keys: nothing that serialising could refuse.
    serde_json::to_value(T::default()).unwrap_or_default()
}

/// The document as the type writes it.
pub(super) fn canonical<T: Section>(document: Value) -> Result<Value, Invalid> {
    let settings = typed::<T>(document)?;
    settings.check()?;
    Ok(serde_json::to_value(settings).unwrap_or_default())
}

/// See [`Section::signed`].
pub(super) fn signed<T: Section>(
    document: Value,
    before: &Value,
    by: &str,
    now: DateTime<Utc>,
) -> Value {
    let read = |document: &Value| serde_json::from_value::<T>(document.clone());
    match (read(&document), read(before)) {
        (Ok(settings), Ok(before)) => {
            serde_json::to_value(settings.signed(&before, by, now)).unwrap_or(document)
        }
        // Both were judged before: this is never reached.
        _ => document,
    }
}

/// See [`Section::weakened_by`].
pub(super) fn weakened_by<T: Section>(before: &Value, after: &Value, now: DateTime<Utc>) -> bool {
    let read = |document: &Value| serde_json::from_value::<T>(document.clone());
    match (read(before), read(after)) {
        (Ok(before), Ok(after)) => before.weakened_by(&after, now),
        // Both were judged before: this is never reached, and asks when in doubt.
        _ => true,
    }
}

fn typed<T: Section>(document: Value) -> Result<T, Invalid> {
    let Value::Object(fields) = document else {
        return Err(Invalid::one("", Fault::InvalidType, "must be a JSON object"));
    };
    let whole = serde_json::from_value::<T>(Value::Object(fields.clone()));
    let error = match whole {
        Ok(settings) => return Ok(settings),
        Err(error) => error,
    };
    // Which field it is: each alone among defaults.
    let known = default::<T>();
    let mut invalid = Invalid::default();
    for (name, value) in fields {
        if known.get(&name).is_some() {
            fault::<T>(&known, &[&name], &value, &mut invalid);
        } else {
            invalid.push(&short(&name), Fault::UnknownField, unknown(&known, "a setting"));
        }
    }
    if invalid.fields.is_empty() {
        invalid.push("", Fault::of_json(&error), error.to_string());
    }
    Err(invalid)
}

/// Adds what is wrong with one value among defaults, as deep inside it as that can be told.
fn fault<T: Section>(default: &Value, path: &[&str], value: &Value, invalid: &mut Invalid) {
    let mut document = default.clone();
    let mut place = &mut document;
    for part in path {
        if !place.is_object() {
            return;
        }
        place = &mut place[*part];
    }
    let known = std::mem::replace(place, value.clone());
    let Err(error) = serde_json::from_value::<T>(document) else { return };
    let before = invalid.fields.len();
    if let (Value::Object(known), Value::Object(fields)) = (&known, value)
        && !known.is_empty()
    {
        for (name, value) in fields {
            fault::<T>(default, &[path, &[name]].concat(), value, invalid);
        }
    }
    if invalid.fields.len() > before {
        return;
    }
    let (name, fault) = (path.join("."), Fault::of_json(&error));
    let error = error.to_string();
    if known.is_null() && error.starts_with("unknown field") {
        let mut outer = default;
        for part in &path[..path.len() - 1] {
            outer = &outer[*part];
        }
        invalid.push(&short(&name), Fault::UnknownField, unknown(outer, "a setting"));
    } else {
        invalid.push(&short(&name), fault, wrong::<T>(&name, error));
    }
}

fn wrong<T: Section>(name: &str, error: String) -> String {
    match T::allowed(name) {
        Some(allowed) => format!("must be {allowed}"),
        None => error,
    }
}

pub(super) fn unknown(known: &Value, what: &str) -> String {
    let names: Vec<&str> =
        known.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    format!("is not {what} here; there are {}", names.join(", "))
}
