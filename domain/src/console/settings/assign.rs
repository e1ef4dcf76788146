//! Settings given on the command line.

use super::SECTIONS;
use super::read::unknown;
use super::section::Kind;
use crate::form::short;
use crate::{Fault, Invalid};
use serde_json::Value;

/// Splits `section.setting=value`.
///
/// # Errors
/// [`Fault::Required`] without a value, [`Fault::UnknownField`] if the section does not exist.
pub fn assignment(text: &str) -> Result<(&'static Kind, &str, &str), Invalid> {
    let Some((name, value)) = text.split_once('=') else {
        let message = "must be NAME=VALUE, such as fraud_alerts.auto_block=true";
        return Err(Invalid::one(&short(text), Fault::Required, message));
    };
    let name = name.trim();
    let (section, path) = name.split_once('.').unwrap_or((name, ""));
    let Some(kind) = SECTIONS.into_iter().find(|kind| kind.command_name() == section) else {
        let known: Vec<String> = SECTIONS.into_iter().map(Kind::command_name).collect();
        let message = format!("is not in a section of settings; there are {}", known.join(", "));
        return Err(Invalid::one(&short(name), Fault::UnknownField, message));
    };
    Ok((kind, path, value))
}

impl Kind {
    /// Sets a value in a document, parsed as the type of the current value, and validates the
    /// document.
    ///
    /// # Errors
    /// Names the setting, the value and what is allowed: the setting does not exist, the value has
    /// the wrong type, or the document is invalid with it.
    pub fn assign(&self, document: &mut Value, path: &str, text: &str) -> Result<(), Invalid> {
        let name = format!("{}.{path}", self.command_name());
        let parts: Vec<&str> = path.split('.').collect();
        let mut place = &mut *document;
        for part in &parts {
            let known = place.clone();
            place = match place.as_object_mut().and_then(|fields| fields.get_mut(*part)) {
                Some(place) => place,
                None => {
                    let message = unknown(&known, "a setting");
                    return Err(Invalid::one(&short(&name), Fault::UnknownField, message));
                }
            };
        }
        let refuse = |fault, message: &str| {
            let shown: String = text.chars().take(80).collect();
            let message = format!("{shown:?} cannot be set; it {message}");
            Err(Invalid::one(&name, fault, message))
        };
        let allowed = self.allowed(path).map(|allowed| format!("must be {allowed}"));
        let Some(value) = value(place, text) else {
            return refuse(Fault::InvalidType, allowed.as_deref().unwrap_or("is of another type"));
        };
        *place = value;
        match self.read(document.clone()) {
            Ok(whole) => {
                *document = whole;
                Ok(())
            }
            Err(invalid) => {
                let first = invalid.fields.first();
                let fault = first.map_or(Fault::InvalidValue, |error| error.code);
                let words = allowed.as_deref().or(first.map(|error| error.message.as_str()));
                refuse(fault, words.unwrap_or("is not allowed"))
            }
        }
    }
}

/// Parses a text as the type of the value it replaces.
fn value(before: &Value, text: &str) -> Option<Value> {
    let trimmed = text.trim();
    match before {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Bool(_) => trimmed.parse().ok().map(Value::Bool),
        Value::Number(_) => {
            let number = serde_json::from_str::<Value>(trimmed).ok()?;
            number.is_number().then_some(number)
        }
        Value::Array(_) => match serde_json::from_str::<Value>(trimmed) {
            Ok(list @ Value::Array(_)) => Some(list),
            _ => {
                let words = trimmed.split(',').map(str::trim).filter(|word| !word.is_empty());
                Some(Value::Array(words.map(|word| Value::String(word.to_owned())).collect()))
            }
        },
        // An unset value has no type to go by.
        Value::Null => Some(Value::String(text.to_owned())),
        Value::Object(_) => {
            serde_json::from_str::<Value>(trimmed).ok().filter(|value| value.is_object())
        }
    }
}
