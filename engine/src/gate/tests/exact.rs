//! Limits are exact on one server, whatever the order and the number of concurrent requests.

use super::*;
use crate::gate::live::GateMemory;
use crate::gate::record::Record;
use domain::ledger::Dimension;
use domain::rules::Limit;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sqlx::postgres::PgPoolOptions;
use std::sync::Barrier;
use uuid::Uuid;

/// The gate's memory, over a store that is never queried.
fn memory(limits: Vec<Limit>, clock: Clock) -> Shared {
    let pool = PgPoolOptions::new().connect_lazy("postgres://127.0.0.1:1/nowhere").unwrap();
    let mut state = GateMemory::new(store::events::Position::default(), clock.now());
    let rules = domain::rules::Settings { limits, ..domain::rules::Settings::default() };
    state.apply_settings(domain::countries::Settings::default(), rules);
    let source = SOURCE.parse().unwrap();
    Shared::new(Db::new(pool, clock), source, Arc::new(Agents::default()), state, 0).0
}

fn taken(shared: &Shared, number: usize, clock: impl FnOnce() -> DateTime<Utc>) -> Record {
    let ask = DecisionRequest::new(&format!("+1415{:03}0100", 200 + number % 800), Channel::Sms);
    let (request, solved) = shared.request(ask).unwrap();
    shared.take(caller(), request, solved, true, clock).0
}

/// The most sends in any window of a minute.
fn most_in_a_minute(mut times: Vec<DateTime<Utc>>) -> usize {
    times.sort();
    let inside = |from: usize| {
        let end = times[from] + TimeDelta::seconds(60);
        times[from..].iter().take_while(|time| **time < end).count()
    };
    (0..times.len()).map(inside).max().unwrap_or(0)
}

/// Requests read the clock in one order and get the lock in another: in every interleaving, exactly
/// as many as the limit are sent within its window.
#[tokio::test]
async fn a_limit_is_exact_in_every_interleaving() {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let walls = prop::collection::vec(0_i64..90_000, 60..120);
    let runtime = tokio::runtime::Handle::current();
    runner
        .run(&walls, |walls| {
            let _inside = runtime.enter();
            let shared = memory(vec![Limit::new(Dimension::All, 20, 60)], Clock::fixed(noon()));
            let mut out = Vec::new();
            let mut last = noon();
            for (number, wall) in walls.into_iter().enumerate() {
                let wall = noon() + TimeDelta::milliseconds(wall);
                let record = taken(&shared, number, || wall);
                prop_assert!(record.time >= last, "time went back");
                last = record.time;
                if record.decision.verdict.lets_out() {
                    out.push(record.time);
                }
            }
            prop_assert_eq!(most_in_a_minute(out), 20);
            Ok(())
        })
        .unwrap();
}

/// A send by another server whose clock is slightly ahead counts here too.
#[tokio::test]
async fn what_came_from_a_clock_ahead_counts() {
    let shared = memory(vec![Limit::new(Dimension::All, 1, 60)], Clock::fixed(noon()));
    let ahead = noon() + TimeDelta::milliseconds(300);
    let send = store::gate::Send {
        key: Uuid::from_u128(1),
        time: ahead.timestamp_micros(),
        kind: Kind::Requested,
        gate: true,
        attempt: Uuid::from_u128(1),
        phone: Some("+14155550100".parse().unwrap()),
        region: None,
        channel: Some(Channel::Sms),
        ip: None,
        user: None,
        device: None,
        flow: None,
        code: None,
        cost: None,
        xid: 1,
    };
    shared.state().fold(&send, noon());
    assert_eq!(taken(&shared, 0, noon).decision.verdict, Verdict::Delay);
}

/// 1,000 bursts of 200 requests from eight threads.
#[tokio::test]
async fn a_thousand_bursts_each_let_out_fifty() {
    const BURSTS: usize = 1_000;
    let shared = Arc::new(memory(vec![Limit::new(Dimension::All, 50, 60)], Clock::system()));
    let barrier = Arc::new(Barrier::new(8));
    let clock = Clock::system();
    let threads = (0..8).map(|thread| {
        let (shared, barrier) = (Arc::clone(&shared), Arc::clone(&barrier));
        std::thread::spawn(move || {
            let mut out = Vec::new();
            for burst in 0..BURSTS {
                barrier.wait();
                // Each burst comes two minutes after the previous one.
                let later = TimeDelta::minutes(2) * i32::try_from(burst).unwrap();
                let asked =
                    (0..25).map(|n| taken(&shared, thread * 25 + n, || clock.now() + later));
                out.push(asked.filter(|one| one.decision.verdict.lets_out()).count());
            }
            out
        })
    });
    let threads: Vec<_> = threads.collect();
    let counts: Vec<Vec<usize>> = threads.into_iter().map(|one| one.join().unwrap()).collect();
    for burst in 0..BURSTS {
        let out: usize = counts.iter().map(|counts| counts[burst]).sum();
        assert_eq!(out, 50, "burst {burst}");
    }
}

/// Bursts through the store, all of them durable.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bursts_through_the_store_are_exact(pool: PgPool) {
    let gate = gate_of(&pool, Clock::system()).await;
    for burst in 0..20 {
        let asked = (0..100).map(|_| {
            let (gate, phone) = (gate.clone(), format!("+1415{}0100", 300 + burst));
            tokio::spawn(async move { decide_one(&gate, &phone).await.decision.verdict })
        });
        let verdicts = futures::future::join_all(asked).await;
        let out = verdicts.into_iter().filter(|one| one.as_ref().unwrap().lets_out()).count();
        // 5 for each number; from the third burst on, the user of all of them has had 10.
        assert_eq!(out, if burst < 2 { 5 } else { 0 }, "burst {burst}");
    }
}
