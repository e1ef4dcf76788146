//! Events written in our own JSON, for `simulate` and exports.

use crate::Event;
use chrono::SecondsFormat;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use std::net::IpAddr;

/// An event's JSON shape; a field it has not is left out.
#[derive(Serialize)]
struct Shape<'a> {
    id: &'a str,
    source: &'a str,
    time: String,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    journey: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flow: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_ref: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<CostShape<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: &'a Map<String, Value>,
}

/// A cost: the amount as text, so that no reader makes a float of it.
#[derive(Serialize)]
struct CostShape<'a> {
    #[serde(with = "rust_decimal::serde::str")]
    amount: Decimal,
    currency: &'a str,
}

impl<'a> From<&'a Event> for Shape<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            id: &event.id,
            source: event.source.as_str(),
            time: event.time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            kind: event.kind.as_str(),
            journey: event.journey.as_deref(),
            user: event.user.as_deref(),
            device: event.device.as_deref(),
            flow: event.flow.as_deref(),
            app: event.app.as_deref(),
            phone: event.phone.map(|phone| phone.to_string()),
            channel: event.channel.map(|channel| channel.as_str()),
            ip: event.ip,
            user_agent: event.user_agent.as_deref(),
            reason: event.reason.map(|reason| reason.as_str()),
            reason_text: event.reason_text.as_deref(),
            provider_ref: event.provider_ref.as_deref(),
            carrier: event.carrier.as_deref(),
            cost: event
                .cost
                .as_ref()
                .map(|cost| CostShape { amount: cost.amount, currency: &cost.currency }),
            extra: &event.extra,
        }
    }
}

/// The event as [`super::parse`] reads it, with the whole phone number.
pub fn to_json(event: &Event) -> Value {
    // Strings, numbers and maps with text keys only: nothing that serialising could refuse.
    serde_json::to_value(Shape::from(event)).unwrap_or_default()
}

/// The same as one line of text, without its line end; quicker than going through [`to_json`].
pub fn to_line(event: &Event) -> String {
    // See `to_json`.
    serde_json::to_string(&Shape::from(event)).unwrap_or_default()
}
