//! Tallies, column table and `GROUP BY` give the same numbers, and they are those of a naive count
//! over the same events; attempts are the fold of their events in whatever order they came.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use chrono::{DateTime, TimeDelta, Utc};
use domain::attempts::Attempt;
use domain::workbook::{Part, Query, Row, Sight, Tile, report_order};
use domain::{Channel, Event, Kind, Period, Reason, Region};
use engine::Engine;
use engine::ingest::Via;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sqlx::PgPool;
use std::collections::{BTreeMap, HashMap};
use store::{Clock, Db};

const NOW: &str = "2026-11-20T12:34:56.789012Z";
const AGENTS: [Option<&str>; 3] = [
    None,
    Some("Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0"),
    Some("nothing that anybody knows"),
];
const TEXTS: [Option<&str>; 3] =
    [None, Some("The phone number entered is invalid."), Some("hung up")];

fn now() -> DateTime<Utc> {
    domain::period::parse_time(NOW).unwrap()
}

prop_compose! {
    fn event()(
        id in 0..900_u32,
        ago in prop_oneof![
            0_i64..600_000_000,               // the last ten minutes
            0_i64..8_600_000_000_000,         // the last hundred days
        ],
        kind in prop::sample::select(Kind::ALL),
        channel in prop::sample::select(Channel::ALL),
        phone in 0_u64..6,
        ip in 0_u8..4,
        journey in prop::option::of(0_u32..40),
        agent in prop::sample::select(&AGENTS[..]),
        text in prop::sample::select(&TEXTS[..]),
    ) -> Event {
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
            phone: (phone > 0).then(|| format!("+1415555270{phone}").parse().unwrap()),
            channel: (phone > 0).then_some(channel),
            ip: (ip > 0).then(|| format!("203.0.113.{ip}").parse().unwrap()),
            user_agent: agent.map(str::to_owned),
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            provider_ref: None,
            carrier: None,
            cost: None,
            extra: serde_json::Map::new(),
        }
    }
}

/// Random values, the same in every run.
fn some<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> T {
    thread_local!(static RUNNER: std::cell::RefCell<TestRunner> = TestRunner::deterministic().into());
    RUNNER.with_borrow_mut(|runner| strategy.new_tree(runner).unwrap().current())
}

fn naive(tile: Tile, query: &Query, events: &[&Event]) -> Vec<Row> {
    let text = |text: Option<String>| text.unwrap_or_default();
    let phone = |event: &Event| text(event.phone.map(|phone| phone.to_string()));
    let ip = |event: &Event| text(event.ip.map(|ip| ip.to_string()));
    let family = |event: &Event, known: &str| match event.user_agent.as_deref() {
        None => String::new(),
        Some(agent) if agent.contains("Firefox") => known.to_owned(),
        Some(_) => "Other".to_owned(),
    };
    let mut counts: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for event in events {
        let wanted = event.kind.is_failure()
            && query.period.contains(event.time)
            && query.channel.is_none_or(|channel| event.channel == Some(channel))
            && (tile != Tile::BlockedNumbers || event.kind == Kind::Blocked);
        if wanted {
            let cells = match tile {
                Tile::FailureReasons => vec![
                    text(event.reason.map(|reason| reason.to_string())),
                    text(event.reason_text.clone()),
                ],
                Tile::NumberIpFailures => vec![phone(event), ip(event)],
                Tile::BlockedNumbers => vec![phone(event)],
                Tile::IpFailures => vec![ip(event)],
                Tile::Browsers => vec![family(event, "Firefox")],
                Tile::OperatingSystems => vec![family(event, "Linux")],
            };
            *counts.entry(cells).or_default() += 1;
        }
    }
    let mut rows: Vec<Row> =
        counts.into_iter().map(|(cells, count)| Row { cells, count }).collect();
    rows.sort_by(report_order);
    rows
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn three_ways_to_count_agree(pool: PgPool) {
    let db = Db::new(pool, Clock::fixed(now()));
    // The first half is there when the engine starts, the second comes to its tail.
    let events: Vec<Event> = some(prop::collection::vec(event(), 1_200..1_300));
    let (first, second) = events.split_at(600);
    let before = Engine::start(db.clone()).await.unwrap();
    for batch in first.chunks(97) {
        before.ingest.submit(batch.to_vec(), Via::Import).await.unwrap();
    }
    let engine = Engine::start(db.clone()).await.unwrap();
    for batch in second.chunks(131) {
        engine.ingest.submit(batch.to_vec(), Via::Api).await.unwrap();
    }
    // The first event of an id is the event; later ones are duplicates.
    let mut known = HashMap::new();
    for event in &events {
        known.entry(&event.id).or_insert(event);
    }
    let unique: Vec<&Event> = known.into_values().collect();
    assert!(unique.len() < events.len(), "the test needs duplicates");

    for case in 0..60 {
        let (a, b) = some((0_i64..8_700_000_000_000, 1_i64..8_700_000_000_000));
        let to =
            now() + TimeDelta::microseconds(1) - TimeDelta::microseconds(a.min(b) / (case + 1));
        let query = Query {
            period: Period { from: to - TimeDelta::microseconds(a.max(b) / (case + 1) + 1), to },
            channel: some(prop::option::of(prop::sample::select(Channel::ALL))),
        };
        for tile in Tile::ALL {
            let truth = naive(*tile, &query, &unique);
            let sql = store::workbook::rows(&db.pool, *tile, &query).await.unwrap();
            assert_eq!(sql, truth, "GROUP BY, {tile} {query:?}");
            for engine in [&engine, &before] {
                let fast = engine.workbook.tile(*tile, &query, &Part::all(), Sight::Whole).await;
                assert_eq!(fast.unwrap().rows, truth, "{tile} {query:?}");
            }
            let page = Part { offset: 2, limit: 3, ..Part::default() };
            let page = engine.workbook.tile(*tile, &query, &page, Sight::Whole).await.unwrap();
            let part: Vec<Row> = truth.iter().skip(2).take(3).cloned().collect();
            assert_eq!(page.rows, part, "a page of {tile}");
            assert_eq!(page.matching, truth.len() as u64);
        }
        let failures = naive(Tile::IpFailures, &query, &unique);
        let total = engine.workbook.total(&query).await.unwrap();
        assert_eq!(total.now, failures.iter().map(|row| row.count).sum::<u64>());
        assert_eq!(total.now, store::workbook::failures(&db.pool, &query).await.unwrap());
    }

    let mut attempts: HashMap<_, Attempt> = HashMap::new();
    for event in &unique {
        let browser = match event.user_agent.as_deref() {
            None => None,
            Some(agent) if agent.contains("Firefox") => Some("Firefox"),
            Some(_) => Some("Other"),
        };
        let part = Attempt::of(event, event.phone.and_then(Region::of), browser);
        attempts.entry(part.id).and_modify(|known| known.merge(part.clone())).or_insert(part);
    }
    let mut conn = db.pool.acquire().await.unwrap();
    for (id, attempt) in attempts {
        let stored = store::attempts::get(&mut conn, id).await.unwrap();
        assert_eq!(stored, Some(attempt));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_key_outlives_its_partition(pool: PgPool) {
    let db = Db::new(pool, Clock::fixed(now()));
    let engine = Engine::start(db.clone()).await.unwrap();
    let old = Event {
        time: domain::period::parse_time("2003-02-01").unwrap(),
        kind: Kind::Failed,
        ..some(event())
    };
    let counts = engine.ingest.submit(vec![old.clone()], Via::Import).await.unwrap();
    assert_eq!((counts.accepted, counts.duplicates), (1, 0));
    let all = Query { period: Period { from: old.time, to: now() }, channel: None };
    assert_eq!(store::workbook::failures(&db.pool, &all).await.unwrap(), 1);
    use engine::retention::{Progress, step};
    assert_eq!(step(&db, None).await.unwrap(), Progress::Idle);
    assert_eq!(step(&db, Some(365)).await.unwrap(), Progress::Worked);
    assert_eq!(step(&db, Some(365)).await.unwrap(), Progress::Idle);
    assert_eq!(engine.workbook.total(&all).await.unwrap().now, 0);
    let again = engine.ingest.submit(vec![old], Via::Import).await.unwrap();
    assert_eq!((again.accepted, again.duplicates), (0, 1));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_slow_transaction_is_not_lost(pool: PgPool) {
    let db = Db::new(pool, Clock::fixed(now()));
    let engine = Engine::start(db.clone()).await.unwrap();
    let make = |id: &str| Event {
        id: id.to_owned(),
        time: now() - TimeDelta::minutes(1),
        kind: Kind::Failed,
        ..some(event())
    };
    // A transaction takes its number now, and commits after a later one.
    let mut slow = db.pool.begin().await.unwrap();
    let row = |event: Event| store::events::NewEvent {
        key: event.key().0,
        attempt: event.attempt(),
        region: None,
        browser: None,
        os: None,
        event,
    };
    store::events::append(&mut slow, &[&row(make("slow"))], now()).await.unwrap();
    engine.ingest.submit(vec![make("quick")], Via::Api).await.unwrap();
    let all =
        Query { period: Period { from: now() - TimeDelta::hours(1), to: now() }, channel: None };
    let count = async || {
        let rows = engine.workbook.tile(Tile::IpFailures, &all, &Part::all(), Sight::Whole).await;
        rows.unwrap().total
    };
    assert!(count().await <= 1);
    slow.commit().await.unwrap();
    // Other tests' transactions on the same server hold the horizon back for as long as they run.
    for _ in 0..500 {
        if count().await == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the slow transaction's event is lost: {} of 2", count().await);
}
