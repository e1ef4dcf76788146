//! A fraud report, read from JSON.

use crate::events::fold_user;
use crate::form::ObjectReader;
use crate::{Channel, Fault, Invalid, PhoneNumber};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Most characters of a note.
pub const NOTE: usize = 500;
/// Most characters of an id or a journey.
const ID: usize = 200;
/// Most characters of a user or a flow.
const NAME: usize = 320;

/// A user's report. All texts are within their limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// Unique per caller, at most 200 characters.
    pub id: String,
    /// The account, as the caller writes it.
    pub user: String,
    /// How the user reported: push, voice or sms.
    pub channel: Channel,
    /// The number that was called or texted.
    pub phone: Option<PhoneNumber>,
    /// The correlation id of the reported attempt.
    pub journey: Option<String>,
    /// The code that the user entered; `None` for push.
    pub code: Option<String>,
    /// The address of the reported sign-in.
    pub ip: Option<IpAddr>,
    /// The user flow (Microsoft: policy).
    pub flow: Option<String>,
    /// When the user reported; `None`: when it arrived.
    pub time: Option<DateTime<Utc>>,
    /// At most 500 characters, with line breaks.
    pub note: Option<String>,
}

const REPORT_FIELDS: &[&str] =
    &["id", "user", "channel", "phone", "journey", "code", "ip", "flow", "time", "note"];

impl NewReport {
    /// Reads a report.
    ///
    /// # Errors
    /// All invalid, missing and unknown fields.
    pub fn read(json: &Map<String, Value>, now: DateTime<Utc>) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "report", REPORT_FIELDS);
        let id = form.required("id", ID);
        let user = form.required("user", NAME);
        let channel = form.parsed("channel", Fault::InvalidChoice, |text| match text.parse() {
            Ok(channel @ (Channel::Push | Channel::Voice | Channel::Sms)) => Ok(channel),
            _ => Err("must be one of push, voice, sms"),
        });
        form.require("channel", &channel, "is required");
        let push = channel == Some(Channel::Push);
        let report = Self {
            id: id.unwrap_or_default(),
            user: user.unwrap_or_default().trim().to_owned(),
            channel: channel.unwrap_or(Channel::Push),
            phone: form.parsed("phone", Fault::InvalidPhone, str::parse::<PhoneNumber>),
            journey: form.text("journey", ID, false),
            // In the app there is no code to enter. Otherwise it is not trimmed or checked here:
            // the settings decide.
            code: if push { None } else { form.raw("code").map(str::to_owned) },
            ip: form.ip("ip"),
            flow: form.text("flow", NAME, false),
            time: form.time("time", now),
            note: form.text("note", NOTE, true).map(|note| note.replace("\r\n", "\n")),
        };
        form.done(report)
    }

    /// The user name for comparison.
    pub fn user_key(&self) -> String {
        fold_user(&self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn read(json: Value) -> Result<NewReport, Invalid> {
        NewReport::read(json.as_object().unwrap(), now())
    }

    #[test]
    fn a_report_is_read_whole() {
        let report = read(json!({
            "id": "1", "user": " Ann@Example.com ", "channel": "voice",
            "phone": "+1 (415) 555-27.00", "journey": "j", "code": "77",
            "ip": "::ffff:192.0.2.1", "flow": "B2C_1", "time": "2026-05-28T20:00:00Z",
            "note": "<b>two</b>\r\nlines"
        }))
        .unwrap();
        assert_eq!(report.user_key(), "ann@example.com");
        assert_eq!(report.phone.unwrap().to_string(), "+14155552700");
        assert_eq!(report.ip.unwrap().to_string(), "192.0.2.1");
        assert_eq!(report.note.as_deref(), Some("<b>two</b>\nlines"), "kept as it came");
        let bare = read(json!({"id": "1", "user": "a", "channel": "push", "code": 7})).unwrap();
        assert_eq!((bare.code, bare.time, bare.note), (None, None, None));
    }

    #[test]
    fn each_wrong_field_is_named() {
        let whole = json!({"id": "1", "user": "a", "channel": "sms", "code": "0"});
        for (field, value, code) in [
            ("id", json!(""), "required"),
            ("id", json!("x".repeat(201)), "too_long"),
            ("user", json!(null), "required"),
            ("user", json!("x".repeat(321)), "too_long"),
            ("user", json!("a\nb"), "invalid_value"),
            ("user", json!("a\u{0}"), "invalid_value"),
            ("channel", json!("email"), "invalid_choice"),
            ("channel", json!(null), "required"),
            ("phone", json!("9.99E+10"), "invalid_phone"),
            ("journey", json!("x".repeat(201)), "too_long"),
            ("code", json!(77), "invalid_type"),
            ("ip", json!("localhost"), "invalid_ip"),
            ("flow", json!("x".repeat(321)), "too_long"),
            ("time", json!("1999-12-31T00:00:00Z"), "time_out_of_range"),
            ("time", json!("today"), "invalid_time"),
            ("note", json!("x".repeat(501)), "too_long"),
            ("note", json!("a\u{7}"), "invalid_value"),
            ("extra", json!({}), "unknown_field"),
        ] {
            let mut report = whole.clone();
            report[field] = value;
            let invalid = read(report).unwrap_err();
            let found: Vec<_> =
                invalid.fields.iter().map(|error| (&*error.field, error.code.as_str())).collect();
            assert_eq!(found, [(field, code)]);
        }
        let two = read(json!({"id": "1", "channel": "push", "ip": "x"})).unwrap_err();
        assert!(two.of("user").is_some() && two.of("ip").is_some(), "all at once: {two}");
    }

    proptest! {
        #[test]
        fn no_object_panics(key in "id|user|channel|note|code|x", text in "\\PC{0,600}") {
            let mut report = json!({"id": "1", "user": "a", "channel": "push"});
            report[key] = json!(text);
            let _ = read(report);
        }
    }
}
