//! Random events, the same in every run.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Event, Kind};
use engine::Engine;
use engine::ingest::Via;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::time::Duration;

/// The current time in tests.
const NOW: &str = "2026-11-20T12:34:56.789012Z";

pub fn now() -> DateTime<Utc> {
    domain::period::parse_time(NOW).unwrap()
}

/// An event with only the required fields and a journey, `ago` microseconds in the past.
pub fn bare(id: u32, ago: i64, kind: Kind, journey: Option<u32>) -> Event {
    Event {
        journey: journey.map(|journey| format!("j{journey}")),
        ..Event::new(
            "test".parse().unwrap(),
            id.to_string(),
            now() - TimeDelta::microseconds(ago),
            kind,
        )
    }
}

/// Random values, the same in every run.
pub fn some<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> T {
    thread_local!(static RUNNER: std::cell::RefCell<TestRunner> = TestRunner::deterministic().into());
    RUNNER.with_borrow_mut(|runner| strategy.new_tree(runner).unwrap().current())
}

/// Stores events, `at_once` at a time; afterwards every reader sees them.
pub async fn submit(engine: &Engine, events: &[Event], at_once: usize, via: Via) {
    for batch in events.chunks(at_once) {
        engine.ingest.submit(batch.to_vec(), via).await.unwrap();
    }
    settle(engine.db.read()).await;
}

/// Waits until every transaction that has ended by now is below the horizon: transactions of other
/// tests on the same server hold it back while they run.
pub async fn settle(pool: &PgPool) {
    let mine: i64 = sqlx::query_scalar("select pg_current_xact_id()::text::bigint")
        .fetch_one(pool)
        .await
        .unwrap();
    let ended = async {
        while store::events::horizon(pool).await.unwrap().xid <= mine {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), ended).await;
    assert!(waited.is_ok(), "another transaction has stayed open for 30 seconds");
}

/// The events without duplicates: the first event of each id counts.
pub fn unique(events: &[Event]) -> Vec<&Event> {
    let mut known = BTreeMap::new();
    for event in events {
        known.entry(&event.id).or_insert(event);
    }
    known.into_values().collect()
}
