//! Outcomes and reasons as people read them, and free texts without whole numbers.

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

/// Fewest digits that could be a number.
const DIGITS: usize = 7;
/// How many digits stay at the end.
const TAIL: usize = 2;

/// A free text for one who sees masks: of digits that could be a number (seven or more, with
/// nothing but spaces, dashes, dots, slashes and brackets between them) the last two are kept.
pub fn masked_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for letter in text.chars() {
        let joins = matches!(letter, ' ' | '\u{a0}' | '-' | '.' | '/' | '(' | ')');
        if letter.is_numeric() || (joins && !run.is_empty()) {
            run.push(letter);
        } else {
            flush(&mut run, &mut out);
            out.push(letter);
        }
    }
    flush(&mut run, &mut out);
    out
}

fn flush(run: &mut String, out: &mut String) {
    let digits = run.chars().filter(|letter| letter.is_numeric()).count();
    let mut left = if digits >= DIGITS { digits - TAIL } else { 0 };
    for letter in run.drain(..) {
        let hide = left > 0 && letter.is_numeric();
        out.push(if hide { '•' } else { letter });
        left -= usize::from(hide);
    }
}

/// The same for every text, number and name inside a JSON value.
pub fn masked_json(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(masked_text(text)),
        Value::Number(number) => {
            let text = number.to_string();
            let masked = masked_text(&text);
            if masked == text { value.clone() } else { Value::String(masked) }
        }
        Value::Array(values) => Value::Array(values.iter().map(masked_json).collect()),
        Value::Object(fields) => {
            let fields = fields.iter();
            let masked = fields.map(|(name, value)| (masked_text(name), masked_json(value)));
            Value::Object(masked.collect())
        }
        Value::Null | Value::Bool(_) => value.clone(),
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
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn digits_that_could_be_a_number_are_hidden() {
        for (text, masked) in [
            ("to +4915112345678.", "to +•••••••••••78."),
            ("(415) 555-2700 was busy", "(•••) •••-••00 was busy"),
            ("error 60203 after 12 s", "error 60203 after 12 s"),
            ("1.234.567", "•.•••.•67"),
            ("", ""),
        ] {
            assert_eq!(masked_text(text), masked);
        }
        let extra = json!({ "phone_raw": "0151 12345678", "sid": 4_915_112_345_678_u64, "n": 3 });
        let masked = masked_json(&extra);
        assert_eq!(masked, json!({ "phone_raw": "•••• ••••••78", "sid": "•••••••••••78", "n": 3 }));
    }

    proptest! {
        #[test]
        fn no_whole_number_is_left(digits in 1_000_000_u64..999_999_999_999_999, before in "[a-z ]{0,5}") {
            let masked = masked_text(&format!("{before}+{digits}, x"));
            prop_assert!(masked.chars().filter(char::is_ascii_digit).count() <= TAIL);
            prop_assert!(masked.chars().filter(|letter| *letter == '•').count() >= DIGITS - TAIL);
        }
    }

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
