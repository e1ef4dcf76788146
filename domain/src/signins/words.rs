//! Outcomes and reasons as people read them, and what sources said, opened.

use crate::{Kind, Reason};
use serde_json::Value;

/// An outcome, or what an event tells of, in a word or two.
pub fn outcome_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Requested => "Requested",
        Kind::Refused => "Refused",
        Kind::Sent => "Sent",
        Kind::Delivered => "Delivered",
        Kind::Undelivered => "Not delivered",
        Kind::Verified => "Verified",
        Kind::Failed => "Failed",
        Kind::Expired => "Expired",
        Kind::Blocked => "Blocked",
        Kind::Reported => "Reported as fraud",
        Kind::Prompted => "Prompted",
        Kind::Denied => "Denied",
        Kind::Approved => "Approved",
    }
}

/// A reason as part of a sentence: `busy line`.
pub fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::NumberInvalid => "not a valid number",
        Reason::NumberTypeRefused => "a kind of number that is not served",
        Reason::BlockedReputation => "bad reputation with the provider",
        Reason::BlockedProviderFraud => "taken for fraud by the provider",
        Reason::BlockedCountry => "country switched off",
        Reason::BlockedLocalRule => "refused by a rule here",
        Reason::ThrottledUser => "too many attempts by the user",
        Reason::ThrottledNumber => "too many attempts to the number",
        Reason::ThrottledIp => "too many attempts from the address",
        Reason::ThrottledService => "too many requests to the service",
        Reason::ProviderUnreachable => "the provider could not reach the number",
        Reason::CarrierBlocked => "refused by the carrier",
        Reason::NoAnswer => "no answer",
        Reason::Busy => "busy line",
        Reason::Voicemail => "voicemail",
        Reason::HungUp => "hung up",
        Reason::PendingUnanswered => "no code came back",
        Reason::WrongCode => "wrong code",
        Reason::MaxAttempts => "too many wrong codes",
        Reason::ExpiredCode => "the code had run out",
        Reason::UserDenied => "declined by the user",
        Reason::UserReportedFraud => "reported as fraud by the user",
        Reason::UserBlocked => "the user is blocked",
        Reason::Canceled => "called off",
        Reason::Unknown => "no known reason",
        Reason::BlockUser => "the user is blocked here",
        Reason::BlockNumber => "the number is blocked here",
        Reason::BlockNumberBlock => "the block of numbers is blocked here",
        Reason::BlockIp => "the IP address is blocked here",
        Reason::KillSwitch => "kill switch",
        Reason::NumberRule => "refused by a number rule",
        Reason::Region => "region not allowed",
        Reason::NumberType => "type of number not allowed",
        Reason::SpendCap => "spend cap reached",
        Reason::LimitNumber => "too many codes to the number",
        Reason::LimitNumberBlock => "too many codes to the block of numbers",
        Reason::LimitIp => "too many codes from the address",
        Reason::LimitIpNetwork => "too many codes from the network",
        Reason::LimitDevice => "too many codes from the device",
        Reason::LimitUser => "too many codes for the user",
        Reason::LimitRegion => "too many codes to the region",
        Reason::LimitFlow => "too many codes in the flow",
        Reason::LimitAll => "too many codes altogether",
        Reason::StoreDown => "the store could not be reached",
    }
}

/// A JSON value as names and values; what lies deeper is named by its way (`a.b.0`).
pub fn opened(value: &Value) -> Vec<(String, String)> {
    let mut out = Vec::new();
    open("", value, &mut out);
    out
}

fn open(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    let way = |next: &str| if name.is_empty() { next.to_owned() } else { format!("{name}.{next}") };
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(next, value)| open(&way(next), value, out));
        }
        Value::Array(values) => {
            values
                .iter()
                .enumerate()
                .for_each(|(at, value)| open(&way(&at.to_string()), value, out));
        }
        Value::String(text) => out.push((name.to_owned(), text.clone())),
        Value::Null => out.push((name.to_owned(), "–".to_owned())),
        other => out.push((name.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_source_said_is_opened() {
        let extra = json!({ "operation": "Send SMS", "a": { "b": [1, null] }, "empty": {} });
        let pairs = opened(&extra);
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(pairs, [("a.b.0", "1"), ("a.b.1", "–"), ("operation", "Send SMS")]);
    }

    #[test]
    fn every_word_is_a_word() {
        for reason in Reason::ALL {
            let words = reason_words(*reason);
            assert!(!words.is_empty() && !words.contains('_') && !words.ends_with('.'));
        }
        for kind in Kind::ALL {
            assert!(outcome_words(*kind).starts_with(char::is_uppercase));
        }
    }
}
