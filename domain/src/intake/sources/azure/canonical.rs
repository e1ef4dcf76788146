//! Derives an id for a record without one: a hash of what every shape contains, so that the same
//! record in another shape is the same event.

use super::facts::Facts;
use crate::events::hash16;

/// Times count in milliseconds, since the portal's CSV has no more.
pub(super) fn id(facts: &Facts<'_>) -> String {
    let time = facts.time.timestamp_millis().to_string();
    let operation = facts.operation.to_ascii_lowercase();
    let result = facts.result.to_ascii_lowercase();
    let mut details: Vec<(String, &str)> = facts
        .details
        .iter()
        .map(|(key, value)| (key.to_ascii_lowercase(), value.as_ref()))
        .collect();
    details.sort();
    let mut parts: Vec<&[u8]> = vec![
        b"azure record 1",
        time.as_bytes(),
        operation.as_bytes(),
        result.as_bytes(),
        facts.reason.as_deref().unwrap_or("").as_bytes(),
        facts.journey.as_deref().unwrap_or("").as_bytes(),
        facts.user.as_deref().unwrap_or("").as_bytes(),
    ];
    for (key, value) in &details {
        parts.push(key.as_bytes());
        parts.push(value.as_bytes());
    }
    // No text contains a zero byte (see `read`), so the parts are unambiguous.
    format!("hash-{}", hash16(&parts).simple())
}
