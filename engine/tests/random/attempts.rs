//! Attempts merged without the store.

use domain::attempts::Attempt;
use domain::{Event, Region};
use std::collections::HashMap;
use uuid::Uuid;

/// Merges events that contain no duplicates.
pub fn fold(events: &[&Event]) -> HashMap<Uuid, Attempt> {
    let mut attempts: HashMap<_, Attempt> = HashMap::new();
    for event in events {
        let browser = match event.user_agent.as_deref() {
            None => None,
            Some(agent) if agent.contains("Firefox") => Some("Firefox"),
            Some(_) => Some("Other"),
        };
        let part = Attempt::of(event, event.phone.and_then(Region::of), browser);
        attempts.entry(part.id).and_modify(|known| known.merge(part.clone())).or_insert(part);
    }
    attempts
}
