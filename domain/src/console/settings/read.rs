//! Deserialises documents into a section's type, with an error per invalid field.

use crate::form::short;
use crate::{Fault, Invalid};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a setting allows, by name.
type Allowed = fn(&str) -> Option<&'static str>;

/// The default document of a type.
pub(super) fn default<T: Default + Serialize>() -> Value {
    // A section is a struct with string keys, which always serialises.
    serde_json::to_value(T::default()).unwrap_or_default()
}

pub(super) fn typed<T>(document: Value, allowed: Allowed) -> Result<T, Invalid>
where
    T: Default + Serialize + DeserializeOwned,
{
    let Value::Object(fields) = document else {
        return Err(Invalid::one("", Fault::InvalidType, "must be a JSON object"));
    };
    let whole = serde_json::from_value::<T>(Value::Object(fields.clone()));
    let error = match whole {
        Ok(settings) => return Ok(settings),
        Err(error) => error,
    };
    // Find the invalid fields by trying each alone in the default document.
    let known = default::<T>();
    let mut invalid = Invalid::default();
    for (name, value) in fields {
        if known.get(&name).is_some() {
            fault::<T>(&known, &[&name], &value, allowed, &mut invalid);
        } else {
            invalid.push(&short(&name), Fault::UnknownField, unknown(&known, "a setting"));
        }
    }
    if invalid.fields.is_empty() {
        invalid.push("", Fault::of_json(&error), error.to_string());
    }
    Err(invalid)
}

/// Adds the error of one value in the default document, as deep inside it as possible.
fn fault<T: DeserializeOwned>(
    default: &Value,
    path: &[&str],
    value: &Value,
    allowed: Allowed,
    invalid: &mut Invalid,
) {
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
            fault::<T>(default, &[path, &[name]].concat(), value, allowed, invalid);
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
        let words = allowed(&name).map_or(error, |allowed| format!("must be {allowed}"));
        invalid.push(&short(&name), fault, words);
    }
}

/// The message for a name that is not in a document.
pub(super) fn unknown(known: &Value, what: &str) -> String {
    let names: Vec<&str> =
        known.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    format!("is not {what} here; there are {}", names.join(", "))
}
