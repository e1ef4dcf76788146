//! A question to the gate, read from JSON.

use crate::address::client_address;
use crate::captcha::Answer;
use crate::events::words;
use crate::form::Form;
use crate::{Channel, Fault, Invalid};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// The longest journey.
const JOURNEY: usize = 200;
/// The longest user, device and flow.
const NAME: usize = 320;
/// The longest user agent.
const AGENT: usize = 2_048;
/// The fields, for the message about one that is none.
const FIELDS: &[&str] = &[
    "phone",
    "channel",
    "user",
    "ip",
    "user_agent",
    "device",
    "flow",
    "journey",
    "captcha",
    "now",
];

words! {
    /// What of a question could not be used: it was decided without it.
    Note {
        /// No address could be told from `ip`.
        IpUnreadable = "ip_unreadable",
    }
}

/// A question as it came in: every text is within its limit; the number is not looked up yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The number, as it was written.
    pub phone: String,
    /// By what the code would travel.
    pub channel: Channel,
    /// The account.
    pub user: Option<String>,
    /// The user's address.
    pub ip: Option<IpAddr>,
    /// What of the question could not be used, and was left out.
    pub notes: Vec<Note>,
    /// The user's browser.
    pub user_agent: Option<String>,
    /// The user's device.
    pub device: Option<String>,
    /// The user flow.
    pub flow: Option<String>,
    /// The journey; none: one is made.
    pub journey: Option<String>,
    /// A captcha's token.
    pub captcha: Option<Answer>,
    /// The time to decide as of; in dry runs alone.
    pub now: Option<DateTime<Utc>>,
}

impl Ask {
    /// A question that says nothing but where the code would go.
    pub fn new(phone: &str, channel: Channel) -> Self {
        Self {
            phone: phone.to_owned(),
            channel,
            user: None,
            ip: None,
            notes: Vec::new(),
            user_agent: None,
            device: None,
            flow: None,
            journey: None,
            captcha: None,
            now: None,
        }
    }

    /// Reads a question's JSON object.
    ///
    /// # Errors
    /// For each field that is wrong or missing, and each that no question has; `now` where this is
    /// no dry run.
    pub fn read(
        json: &Map<String, Value>,
        dry_run: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        let mut form = Form { json, invalid: Invalid::default() };
        form.only(FIELDS, "request for a decision");
        let phone = form.string("phone").map(str::to_owned);
        if phone.is_none() && form.invalid.of("phone").is_none() {
            form.refuse(
                "phone",
                Fault::InvalidPhone,
                "is required: a plus sign and 7 to 15 digits",
            );
        }
        let channel = form.parsed("channel", Fault::InvalidChoice, |text| match text.parse() {
            Ok(channel @ (Channel::Voice | Channel::Sms | Channel::Whatsapp | Channel::Rcs)) => {
                Ok(channel)
            }
            _ => Err("must be one of voice, sms, whatsapp, rcs"),
        });
        if channel.is_none() && form.invalid.of("channel").is_none() {
            form.refuse("channel", Fault::Required, "is required: voice, sms, whatsapp or rcs");
        }
        let captcha = match json.get("captcha") {
            None | Some(Value::Null) => None,
            Some(captcha) => match serde_json::from_value::<Answer>(captcha.clone()) {
                Ok(captcha) => Some(captcha),
                Err(error) => {
                    let words = format!(r#"must be {{"provider":"altcha","token":"…"}}: {error}"#);
                    form.refuse("captcha", Fault::of_json(&error), &words);
                    None
                }
            },
        };
        // An address that cannot be read must keep nobody out: it is decided without one.
        let (mut ip, mut notes) = (None, Vec::new());
        match json.get("ip") {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => {
                ip = client_address(text);
                notes.extend(ip.is_none().then_some(Note::IpUnreadable));
            }
            Some(_) => _ = form.string("ip"),
        }
        let time = form.time("now", now);
        if json.get("now").is_some_and(|now| !now.is_null()) && !dry_run {
            form.refuse("now", Fault::Conflict, "is allowed with ?dry_run=true alone");
        }
        let ask = Self {
            phone: phone.unwrap_or_default(),
            channel: channel.unwrap_or(Channel::Sms),
            user: form.text("user", NAME, false).map(|user| user.trim().to_owned()),
            ip,
            notes,
            user_agent: form.text("user_agent", AGENT, false),
            device: form.text("device", NAME, false),
            flow: form.text("flow", NAME, false),
            journey: form.text("journey", JOURNEY, false),
            captcha,
            now: time,
        };
        form.invalid.or(ask)
    }
}
