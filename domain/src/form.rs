//! A small JSON object, read field by field with every error beside its field.

use crate::address::told_address;
use crate::sources::Rejection;
use crate::sources::text::within;
use crate::sources::time::event_time;
use crate::{Fault, Invalid};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::fmt;
use std::net::IpAddr;

/// An object being read, and what was wrong with it so far.
pub(crate) struct Form<'a> {
    pub(crate) json: &'a Map<String, Value>,
    pub(crate) invalid: Invalid,
}

impl<'a> Form<'a> {
    pub(crate) fn refuse(&mut self, field: &str, code: Fault, message: &str) {
        self.invalid.push(field, code, message);
    }

    /// Tells of each member that is none of these fields of a `what`.
    pub(crate) fn only(&mut self, fields: &[&str], what: &str) {
        for name in self.json.keys().filter(|name| !fields.contains(&name.as_str())) {
            let message =
                format!("is not a field of a {what}; the fields are {}", fields.join(", "));
            let name: String = name.chars().take(64).collect();
            self.invalid.push(&name, Fault::UnknownField, message);
        }
    }

    /// An IPv4 or IPv6 address, where it is told.
    pub(crate) fn ip(&mut self, field: &str) -> Option<IpAddr> {
        self.parsed(field, Fault::InvalidIp, told_address)?
    }

    fn reject(&mut self, why: &Rejection) {
        self.refuse(&why.field, why.code, &why.message);
    }

    /// A string that is not blank.
    pub(crate) fn string(&mut self, field: &str) -> Option<&'a str> {
        match self.json.get(field) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                let what = match other {
                    Value::Bool(_) => "true or false",
                    Value::Number(_) => "a number",
                    Value::Array(_) => "an array",
                    _ => "an object",
                };
                let message = format!("is {what}; a string is allowed");
                self.refuse(field, Fault::InvalidType, &message);
                None
            }
        }
    }

    pub(crate) fn text(&mut self, field: &str, limit: usize, lines: bool) -> Option<String> {
        let text = self.string(field)?;
        if let Err(why) = within(field, text, limit) {
            self.reject(&why);
            return None;
        }
        let whole = text.replace("\r\n", "\n");
        if whole.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
            let but = if lines { " other than line breaks" } else { "" };
            let message = format!("holds control characters{but}, which are not allowed");
            self.refuse(field, Fault::InvalidValue, &message);
            return None;
        }
        Some(text.to_owned())
    }

    pub(crate) fn required(&mut self, field: &str, limit: usize) -> Option<String> {
        let before = self.invalid.fields.len();
        let text = self.text(field, limit, false);
        if text.is_none() && self.invalid.fields.len() == before {
            self.refuse(field, Fault::Required, "is required");
        }
        text
    }

    pub(crate) fn parsed<T, E: fmt::Display>(
        &mut self,
        field: &str,
        code: Fault,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.string(field)?;
        match parse(text.trim()) {
            Ok(value) => Some(value),
            Err(message) => {
                self.refuse(field, code, &message.to_string());
                None
            }
        }
    }

    pub(crate) fn time(&mut self, field: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let text = self.string(field)?;
        match event_time(field, text.trim(), now) {
            Ok(time) => Some(time),
            Err(why) => {
                self.reject(&why);
                None
            }
        }
    }
}
