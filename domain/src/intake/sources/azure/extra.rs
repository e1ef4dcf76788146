//! What is kept of a record beside the event's columns.

use super::facts::Facts;
use crate::address::client_address;
use crate::sources::Rejection;
use crate::sources::neutral::{EXTRA, size};
use crate::sources::text::no_nul;
use crate::{Channel, Fault, PhoneNumber};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// Keys whose values have their own column.
const OWN: &[&str] = &[
    "TenantId",
    "PolicyId",
    "ApplicationId",
    "Client",
    "VerificationMethod",
    "PhoneNumber",
    "ClientIpAddress",
];

#[derive(Default)]
pub(super) struct Extra(Map<String, Value>);

impl Extra {
    pub(super) fn put(&mut self, key: &str, text: &str) {
        self.0.insert(key.to_owned(), Value::String(text.to_owned()));
    }

    pub(super) fn put_some(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(key, text);
        }
    }

    /// The number if it is valid E.164, else kept as `phone_raw` so that failures show it. Also
    /// kept there without a channel: no event has a number alone.
    pub(super) fn phone(
        &mut self,
        text: Option<&str>,
        channel: Option<Channel>,
    ) -> Option<PhoneNumber> {
        let text = text?;
        match text.parse() {
            Ok(phone) if channel.is_some() => Some(phone),
            _ => {
                self.put("phone_raw", text);
                None
            }
        }
    }

    /// The address if it is valid, else kept as `ip_raw`.
    pub(super) fn ip(&mut self, text: Option<&str>) -> Option<IpAddr> {
        let text = text?;
        let ip = client_address(text);
        if ip.is_none() {
            self.put("ip_raw", text);
        }
        ip
    }

    /// A truncated text: an overlong browser string must not hide an attack.
    pub(super) fn cut(&mut self, name: &str, text: Option<&str>, limit: usize) -> Option<String> {
        let text = text?;
        if text.len() <= limit {
            return Some(text.to_owned());
        }
        let cut: String = text.chars().take(limit).collect();
        if cut.len() < text.len() {
            self.0.insert(format!("{name}_cut"), Value::Bool(true));
        }
        Some(cut)
    }

    /// Adds the details that have no column, if they fit.
    pub(super) fn rest(&mut self, facts: &Facts<'_>) {
        let mut rest = Map::new();
        for (key, value) in &facts.details {
            if !OWN.iter().any(|own| own.eq_ignore_ascii_case(key)) {
                rest.insert((*key).to_owned(), Value::String(value.clone().into_owned()));
            }
        }
        if rest.is_empty() {
            return;
        }
        self.0.insert("details".to_owned(), Value::Object(rest));
        if size(&self.0) > EXTRA {
            self.0.insert("details".to_owned(), Value::String("too large to keep".to_owned()));
        }
    }

    pub(super) fn finish(self) -> Result<Map<String, Value>, Rejection> {
        let mut bytes = 0;
        for (key, value) in &self.0 {
            if let Value::String(text) = value {
                no_nul(key, text)?;
                bytes += text.len();
            }
        }
        // A byte takes at most six in JSON (`\u001f`), so most records need no exact count.
        if bytes * 6 > EXTRA && size(&self.0) > EXTRA {
            let message = format!("holds texts of more than {EXTRA} bytes");
            return Err(Rejection::new(Fault::TooLarge, "", message));
        }
        Ok(self.0)
    }
}
