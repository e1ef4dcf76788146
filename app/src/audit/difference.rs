//! What an entry changed: the JSON documents before and after, flattened and compared by path.

use domain::{roles::Permission, workbook::Sight};
use leptos::serde_json::{self, Value};
use std::collections::BTreeMap;

/// Maximum number of lines shown per entry.
pub(super) const MOST: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DifferenceLine {
    /// Path in the document, outermost name first.
    pub(super) name: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

/// The values that differ, at most [`MOST`]; how many are the same; how many more differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DocumentDifference {
    pub(super) lines: Vec<DifferenceLine>,
    pub(super) same: usize,
    pub(super) more: usize,
}

/// Compares an entry's two documents, with numbers masked as `sight` says.
pub(super) fn difference(
    before: Option<&str>,
    after: Option<&str>,
    sight: Sight,
) -> DocumentDifference {
    let (before, after) = (taken_apart(before, sight), taken_apart(after, sight));
    let mut found = DocumentDifference::default();
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (was, is) = (before.get(name), after.get(name));
        if was == is {
            found.same += 1;
        } else if found.lines.len() < MOST {
            let (before, after) = (was.cloned(), is.cloned());
            found.lines.push(DifferenceLine { name: name.clone(), before, after });
        } else {
            found.more += 1;
        }
    }
    found
}

/// A document's values by path. Text that is not JSON, which only tampering produces, is one value.
fn taken_apart(side: Option<&str>, sight: Sight) -> BTreeMap<String, String> {
    let mut things = BTreeMap::new();
    if let Some(text) = side {
        match serde_json::from_str(text) {
            Ok(value) => take(String::new(), &value, sight, &mut things),
            Err(_) => drop(things.insert("not readable".to_owned(), text_as_seen(text, sight))),
        }
    }
    things
}

fn take(name: String, value: &Value, sight: Sight, into: &mut BTreeMap<String, String>) {
    let below = |part: &str| {
        let part = text_as_seen(&part.replace('_', " "), sight);
        if name.is_empty() { part } else { format!("{name} › {part}") }
    };
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (part, value) in fields {
                take(below(part), value, sight, into);
            }
        }
        Value::Array(values)
            if values.iter().any(|value| value.is_object() || value.is_array()) =>
        {
            for (at, value) in values.iter().enumerate() {
                take(below(&(at + 1).to_string()), value, sight, into);
            }
        }
        Value::Array(values) => {
            let words: Vec<String> = values.iter().map(|value| word(value, sight)).collect();
            let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
            into.insert(named(name), words);
        }
        value => drop(into.insert(named(name), word(value, sight))),
    }
}

/// A document that is a single value has no path.
fn named(name: String) -> String {
    if name.is_empty() { "value".to_owned() } else { name }
}

fn word(value: &Value, sight: Sight) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text_as_seen(text, sight),
        // Numbers in our documents are counts, never phone numbers.
        value => value.to_string(),
    }
}

/// A text as the account may see it.
pub(super) fn text_as_seen(text: &str, sight: Sight) -> String {
    let text = match domain::notify::origin(text) {
        // The path of a webhook may contain a secret.
        Some(origin) if !crate::who::may(Permission::SetUp) => origin,
        _ => text.to_owned(),
    };
    sight.text_owned(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &str, after: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let side = |text: &'_ str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (before, after) = (side(before), side(after));
        let found = difference(before.as_deref(), after.as_deref(), Sight::Whole);
        found.lines.into_iter().map(|line| (line.name, line.before, line.after)).collect()
    }

    #[test]
    fn only_what_differs_is_shown() {
        let before =
            r#"{"auto_block": false, "breaker": {"blocks": 20, "minutes": 10}, "code": "0"}"#;
        let after = r#"{"auto_block": true, "breaker": {"blocks": 20, "minutes": 5}, "code": "0"}"#;
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            lines(before, after),
            [
                ("auto block".to_owned(), some("no"), some("yes")),
                ("breaker › minutes".to_owned(), some("10"), some("5")),
            ]
        );
        let found = difference(Some(before), Some(after), Sight::Whole);
        assert_eq!((found.same, found.more), (2, 0));
        assert_eq!(lines("", r#"{"a": ["x", "y"]}"#), [("a".to_owned(), None, some("x, y"))]);
        assert_eq!(lines("", r#"{"a": []}"#), [("a".to_owned(), None, some("none"))]);
        assert_eq!(lines(r#"{"a": null}"#, ""), []);
        assert_eq!(lines("3", "4"), [("value".to_owned(), some("3"), some("4"))]);
        assert_eq!(
            lines(r#"[{"a": 1}]"#, "no json"),
            [
                ("1 › a".to_owned(), some("1"), None),
                ("not readable".to_owned(), None, some("no json")),
            ]
        );
    }

    #[test]
    fn numbers_are_masked_wherever_they_stand() {
        let after = r#"{"+14155552700": "+14155552700", "many": ["to +14155552700"]}"#;
        let found = difference(None, Some(after), Sight::Masked);
        assert!(found.lines.iter().all(|line| !format!("{line:?}").contains("5552700")));
        assert_eq!(found.lines[0].after.as_deref(), Some("+14155••••00"));
    }

    #[test]
    fn a_long_entry_is_cut() {
        let many: Vec<String> = (0..150).map(|n| format!("\"k{n}\": {n}")).collect();
        let found = difference(None, Some(&format!("{{{}}}", many.join(","))), Sight::Whole);
        assert_eq!((found.lines.len(), found.more), (MOST, 50));
    }
}
