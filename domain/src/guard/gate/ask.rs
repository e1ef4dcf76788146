//! A decision request, read from JSON.

use crate::address::client_address;
use crate::captcha::CaptchaAnswer;
use crate::events::words;
use crate::form::ObjectReader;
use crate::{Channel, Fault, Invalid};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Most characters of a journey.
const JOURNEY: usize = 200;
/// Most characters of a user, device or flow.
const NAME: usize = 320;
/// Most characters of a user agent.
const AGENT: usize = 2_048;
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
    /// A part of the request that was ignored.
    Note {
        /// `ip` holds no address.
        IpUnreadable = "ip_unreadable",
    }
}

/// A decision request. All texts are within their limits; the number is not looked up yet.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRequest {
    /// As the caller wrote it.
    pub phone: String,
    /// How the code is to be sent.
    pub channel: Channel,
    /// The account, as the caller writes it.
    pub user: Option<String>,
    /// The user's IP address.
    pub ip: Option<IpAddr>,
    /// What was ignored.
    pub notes: Vec<Note>,
    /// The header of the user's browser.
    pub user_agent: Option<String>,
    /// The caller's id of the user's device.
    pub device: Option<String>,
    /// The user flow (Microsoft: policy).
    pub flow: Option<String>,
    /// `None`: the gate generates one.
    pub journey: Option<String>,
    /// The token, not verified yet.
    pub captcha: Option<CaptchaAnswer>,
    /// The time to decide for; only in dry runs.
    pub now: Option<DateTime<Utc>>,
}

impl DecisionRequest {
    /// A request with only a destination.
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

    /// Reads a request.
    ///
    /// # Errors
    /// All invalid, missing and unknown fields; `now` outside dry runs.
    pub fn read(
        json: &Map<String, Value>,
        dry_run: bool,
        now: DateTime<Utc>,
    ) -> Result<Self, Invalid> {
        let mut form = ObjectReader::of(json, "request for a decision", FIELDS);
        let phone = form.phone();
        let channel = form.parsed("channel", Fault::InvalidChoice, |text| match text.parse() {
            Ok(channel @ (Channel::Voice | Channel::Sms | Channel::Whatsapp | Channel::Rcs)) => {
                Ok(channel)
            }
            _ => Err("must be one of voice, sms, whatsapp, rcs"),
        });
        form.require("channel", &channel, "is required: voice, sms, whatsapp or rcs");
        let captcha = form.object("captcha", CaptchaAnswer::read);
        // An unreadable address must not refuse anybody: it is ignored.
        let told = form.raw("ip");
        let ip = told.and_then(client_address);
        let unreadable = told.is_some() && ip.is_none();
        let time = form.time("now", now);
        if form.has("now") && !dry_run {
            form.refuse("now", Fault::Conflict, "is allowed only with ?dry_run=true");
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
