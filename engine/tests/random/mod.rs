//! Random events, the same in every run.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Event, Kind};
use engine::Engine;
use engine::ingest::Via;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::HashMap;

/// The time in tests.
const NOW: &str = "2026-11-20T12:34:56.789012Z";

pub fn now() -> DateTime<Utc> {
    domain::period::parse_time(NOW).unwrap()
}

/// An event with nothing but what it must have and a journey, so many microseconds ago.
pub fn bare(id: u32, ago: i64, kind: Kind, journey: Option<u32>) -> Event {
    Event {
        source: "test".parse().unwrap(),
        id: id.to_string(),
        time: now() - TimeDelta::microseconds(ago),
        kind,
        journey: journey.map(|journey| format!("j{journey}")),
        user: None,
        device: None,
        flow: None,
        app: None,
        phone: None,
        channel: None,
        ip: None,
        user_agent: None,
        reason: None,
        reason_text: None,
        provider_ref: None,
        carrier: None,
        cost: None,
        extra: serde_json::Map::new(),
    }
}

/// Random values, the same in every run.
pub fn some<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> T {
    thread_local!(static RUNNER: std::cell::RefCell<TestRunner> = TestRunner::deterministic().into());
    RUNNER.with_borrow_mut(|runner| strategy.new_tree(runner).unwrap().current())
}

/// Brings events in, so many at a time.
pub async fn bring(engine: &Engine, events: &[Event], at_once: usize, via: Via) {
    for batch in events.chunks(at_once) {
        engine.ingest.submit(batch.to_vec(), via).await.unwrap();
    }
}

/// The events without duplicates: the first event of an id is the event.
pub fn unique(events: &[Event]) -> Vec<&Event> {
    let mut known = HashMap::new();
    for event in events {
        known.entry(&event.id).or_insert(event);
    }
    known.into_values().collect()
}
