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
        let mut form = Form::of(json, "request for a decision", FIELDS);
        let phone = form.phone();
        let channel = form.parsed("channel", Fault::InvalidChoice, |text| match text.parse() {
            Ok(channel @ (Channel::Voice | Channel::Sms | Channel::Whatsapp | Channel::Rcs)) => {
                Ok(channel)
            }
            _ => Err("must be one of voice, sms, whatsapp, rcs"),
        });
        form.require("channel", &channel, "is required: voice, sms, whatsapp or rcs");
        let captcha = form.object("captcha", Answer::read);
        // An address that cannot be read must keep nobody out: it is decided without one.
        let told = form.raw("ip");
        let ip = told.and_then(client_address);
        let unreadable = told.is_some() && ip.is_none();
        let time = form.time("now", now);
        if form.has("now") && !dry_run {
            form.refuse("now", Fault::Conflict, "is allowed with ?dry_run=true alone");
        }
        let ask = Self {
            phone: phone.unwrap_or_default().to_owned(),
            channel: channel.unwrap_or(Channel::Sms),
            user: form.text("user", NAME, false).map(|user| user.trim().to_owned()),
            ip,
            notes: unreadable.then_some(Note::IpUnreadable).into_iter().collect(),
            user_agent: form.text("user_agent", AGENT, false),
            device: form.text("device", NAME, false),
            flow: form.text("flow", NAME, false),
            journey: form.text("journey", JOURNEY, false),
            captcha,
            now: time,
        };
        form.done(ask)
    }
}
