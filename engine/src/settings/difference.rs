//! Differences between two documents.

use serde_json::Value;
use std::collections::BTreeSet;

/// A setting that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its name; nested names are separated by dots.
    pub name: String,
    /// Old value; null if it was absent.
    pub before: Value,
    /// New value; null if it is absent.
    pub after: Value,
}

/// The differences between two documents, setting by setting.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(name: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    if before == after {
        return;
    }
    let (Value::Object(was), Value::Object(is)) = (before, after) else {
        found.push(Difference {
            name: name.to_owned(),
            before: before.clone(),
            after: after.clone(),
        });
        return;
    };
    let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    for key in keys {
        let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        let of = |fields: &serde_json::Map<String, Value>| fields.get(key).cloned();
        compare(&inner, &of(was).unwrap_or_default(), &of(is).unwrap_or_default(), found);
    }
}
