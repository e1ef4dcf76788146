//! The reader of small JSON objects: reads fields one by one and collects an error for each. Null
//! counts as absent, and each fault has the same code and message everywhere.

use crate::address::told_address;
use crate::sources::Rejection;
use crate::sources::text::within;
use crate::sources::time::event_time;
use crate::{Fault, FieldError, Invalid};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Shortens a name from a caller to 64 characters, for messages.
pub fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

/// An object being read, with the errors found so far.
#[derive(Debug)]
pub struct ObjectReader<'a> {
    json: &'a Map<String, Value>,
    invalid: Invalid,
}

impl<'a> ObjectReader<'a> {
    /// Starts to read an object and reports unknown fields; `what` names the object in messages.
    pub fn of(json: &'a Map<String, Value>, what: &str, fields: &[&str]) -> Self {
        let mut invalid = Invalid::default();
        for name in json.keys().filter(|name| !fields.contains(&name.as_str())) {
            let message =
                format!("is not a field of a {what}; the fields are {}", fields.join(", "));
            invalid.push(&short(name), Fault::UnknownField, message);
        }
        Self { json, invalid }
    }

    /// Reports an error.
    pub fn refuse(&mut self, field: &str, code: Fault, message: &str) {
        self.invalid.push(field, code, message);
    }

    /// Reports a missing field, unless it was read or has an error already.
    pub(crate) fn require<T>(&mut self, field: &str, read: &Option<T>, message: &str) {
        if read.is_none() && self.invalid.of(field).is_none() {
            self.refuse(field, Fault::Required, message);
        }
    }

    /// The text of a required phone number. A missing one is reported as an invalid number
    /// (contract, section 4).
    pub fn phone(&mut self) -> Option<&'a str> {
        let text = self.string("phone");
        if text.is_none() && self.invalid.of("phone").is_none() {
            let message = "is required: a plus sign and 7 to 15 digits";
            self.refuse("phone", Fault::InvalidPhone, message);
        }
        text
    }

    /// The result.
    ///
    /// # Errors
    /// All errors reported so far.
    pub fn done<T>(self, read: T) -> Result<T, Invalid> {
        self.invalid.or(read)
    }

    /// As [`Self::done`], for fields that were checked elsewhere.
    ///
    /// # Errors
    /// The errors of both, at most one of them per field.
    pub fn and<T>(mut self, read: Result<T, Invalid>) -> Result<T, Invalid> {
        match read {
            Ok(read) => self.done(read),
            Err(further) => {
                for wrong in further.fields {
                    if self.invalid.of(&wrong.field).is_none() {
                        self.invalid.fields.push(wrong);
                    }
                }
                Err(self.invalid)
            }
        }
    }

    /// Whether the field is present and not null.
    pub fn has(&self, field: &str) -> bool {
        self.given(field).is_some()
    }

    fn given(&self, field: &str) -> Option<&'a Value> {
        self.json.get(field).filter(|value| !value.is_null())
    }

    fn mistyped(&mut self, field: &str, given: &Value, allowed: &str) {
        let what = match given {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        let message = format!("is {what}; {allowed} is allowed");
        self.refuse(field, Fault::InvalidType, &message);
    }

    fn keep<T>(&mut self, read: Result<T, Rejection>) -> Option<T> {
        read.map_err(|why| self.refuse(&why.field, why.code, &why.message)).ok()
    }

    /// A string as it came, even if blank.
    pub fn raw(&mut self, field: &str) -> Option<&'a str> {
        let given = self.given(field)?;
        if given.as_str().is_none() {
            self.mistyped(field, given, "a string");
        }
        given.as_str()
    }

    /// A string that is not blank.
    pub fn string(&mut self, field: &str) -> Option<&'a str> {
        self.raw(field).filter(|text| !text.trim().is_empty())
    }

    /// A string of at most `limit` characters; `lines` allows line breaks.
    pub fn text(&mut self, field: &str, limit: usize, lines: bool) -> Option<String> {
        let text = self.string(field)?;
        self.keep(within(field, text, limit))?;
        let whole = text.replace("\r\n", "\n");
        if whole.chars().any(|c| c.is_control() && !(lines && c == '\n')) {
            let but = if lines { " other than line breaks" } else { "" };
            let message = format!("contains control characters{but}, which are not allowed");
            self.refuse(field, Fault::InvalidValue, &message);
            return None;
        }
        Some(text.to_owned())
    }

    /// A required string in one line.
    pub fn required(&mut self, field: &str, limit: usize) -> Option<String> {
        let text = self.text(field, limit, false);
        self.require(field, &text, "is required");
        text
    }

    /// A string that is parsed further; a failure is reported with `code`.
    pub fn parsed<T, E: fmt::Display>(
        &mut self,
        field: &str,
        code: Fault,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.string(field)?;
        parse(text.trim()).map_err(|message| self.refuse(field, code, &message.to_string())).ok()
    }

    /// A word of an enum.
    pub fn word<T: FromStr<Err = String>>(&mut self, field: &str) -> Option<T> {
        self.parsed(field, Fault::InvalidChoice, str::parse)
    }

    /// A list of words; `allowed` are all there are.
    pub fn words<T: FromStr>(&mut self, field: &str, allowed: &[&str]) -> Option<Vec<T>> {
        let given = self.given(field)?.as_array();
        let texts = given.and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let code = if texts.is_some() { Fault::InvalidChoice } else { Fault::InvalidType };
        let words: Option<Vec<T>> =
            texts.and_then(|all| all.iter().map(|text| text.parse::<T>().ok()).collect());
        if words.is_none() {
            let message = format!("must be a list of some of {}", allowed.join(", "));
            self.refuse(field, code, &message);
        }
        words
    }

    /// A boolean.
    pub(crate) fn flag(&mut self, field: &str) -> Option<bool> {
        let given = self.given(field)?;
        if !given.is_boolean() {
            self.mistyped(field, given, "true or false");
        }
        given.as_bool()
    }

    /// A whole number, such as 13 or 13.0 (JSON Schema, validation, section 6.1.1).
    pub fn integer(&mut self, field: &str) -> Option<i64> {
        let given = self.given(field)?;
        let written = || given.as_f64().filter(|number| number.fract() == 0.0);
        let whole = given.as_i64().or_else(|| written().map(|number| number as i64));
        if whole.is_none() {
            self.mistyped(field, given, "a whole number");
        }
        whole
    }

    /// An IPv4 or IPv6 address; `None` also where it says that it is unknown.
    pub fn ip(&mut self, field: &str) -> Option<IpAddr> {
        self.parsed(field, Fault::InvalidIp, told_address)?
    }

    /// The time of an event or a report; far from `now` it is refused.
    pub fn time(&mut self, field: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let text = self.string(field)?;
        self.keep(event_time(field, text.trim(), now))
    }

    /// A nested object; errors in its fields are reported as `field.name`.
    pub fn object<T>(
        &mut self,
        field: &str,
        read: impl FnOnce(&Map<String, Value>) -> Result<T, Invalid>,
    ) -> Option<T> {
        let given = self.given(field)?;
        let Some(json) = given.as_object() else {
            self.mistyped(field, given, "an object");
            return None;
        };
        let refuse = |error: FieldError| {
            self.refuse(&format!("{field}.{}", error.field), error.code, &error.message);
        };
        read(json).map_err(|invalid| invalid.fields.into_iter().for_each(refuse)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channel;
    use serde_json::json;

    #[test]
    fn one_fault_has_one_code_and_null_is_absent() {
        let json = json!({
            "text": 7, "blank": " ", "flag": "yes", "whole": 1.5, "words": ["sms", 1],
            "choice": ["sms", "x"], "object": [], "inner": {"deep": true}, "other": 1, "null": null
        });
        let fields =
            ["text", "blank", "flag", "whole", "words", "choice", "object", "inner", "null"];
        let mut form = ObjectReader::of(json.as_object().unwrap(), "thing", &fields);
        let text = form.required("text", 9);
        assert_eq!((text, form.required("blank", 9)), (None, None));
        assert_eq!((form.flag("flag"), form.flag("null")), (None, None));
        assert_eq!((form.integer("whole"), form.integer("null")), (None, None));
        assert_eq!(form.words::<Channel>("words", &["sms"]), None);
        assert_eq!(form.words::<Channel>("choice", &["sms"]), None);
        assert_eq!(form.object("object", |_| Ok(())), None);
        let deep = form.object("inner", |json| {
            let mut form = ObjectReader::of(json, "thing", &["deep"]);
            let deep = form.raw("deep");
            form.done(deep.is_some())
        });
        assert_eq!(deep, None);
        let elsewhere = Invalid::one("text", Fault::TooLong, "is told of already");
        let invalid = form.and::<()>(Err(elsewhere)).unwrap_err();
        let found: Vec<_> =
            invalid.fields.iter().map(|error| (&*error.field, error.code.as_str())).collect();
        let expected = [
            ("other", "unknown_field"),
            ("text", "invalid_type"),
            ("blank", "required"),
            ("flag", "invalid_type"),
            ("whole", "invalid_type"),
            ("words", "invalid_type"),
            ("choice", "invalid_choice"),
            ("object", "invalid_type"),
            ("inner.deep", "invalid_type"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn good_fields_are_read() {
        let json = json!({"whole": 13.0, "huge": u64::MAX, "words": ["sms"], "flag": false});
        let fields = ["whole", "huge", "words", "flag"];
        let mut form = ObjectReader::of(json.as_object().unwrap(), "thing", &fields);
        assert_eq!((form.integer("whole"), form.integer("huge")), (Some(13), Some(i64::MAX)));
        assert_eq!(form.words::<Channel>("words", &["sms"]), Some(vec![Channel::Sms]));
        assert_eq!(
            (form.flag("flag"), form.has("flag"), form.has("text")),
            (Some(false), true, false)
        );
        assert_eq!(form.done(()), Ok(()));
    }
}
