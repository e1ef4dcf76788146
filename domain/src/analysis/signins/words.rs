//! Outcomes and reasons for display, and JSON from sources flattened.

use crate::Kind;
use serde_json::Value;

/// An outcome or event kind in one or two words.
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

/// Flattens a JSON value into names and values; nested ones are named by path (`a.b.0`).
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
    use crate::Reason;
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
            let words = reason.words();
            assert!(!words.is_empty() && !words.contains('_') && !words.ends_with('.'));
        }
        for kind in Kind::ALL {
            assert!(outcome_words(*kind).starts_with(char::is_uppercase));
        }
    }
}
