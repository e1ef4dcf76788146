//! Tallies, column table and `GROUP BY` give the same numbers as a simple count of the same events.
//! Attempts are the same merge of their events in whatever order these came.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

#[path = "random/attempts.rs"]
mod attempts;
mod random;

use attempts::fold;
use chrono::{TimeDelta, Utc};
use domain::bucket::{Bucket, Edges};
use domain::series::{Chart, Series, SeriesBy};
use domain::workbook::{Filters, Query, Row, Sight, Tile, TileRowsQuery, report_order};
use domain::{Channel, Event, Kind, Period, Reason, Region};
use engine::Engine;
use engine::ingest::Via;
use proptest::prelude::*;
use random::{bare, now, some, submit, unique};
use sqlx::PgPool;
use std::collections::BTreeMap;
use store::{Clock, Db};

const AGENTS: [Option<&str>; 3] = [
    None,
    Some("Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0"),
    Some("nothing that anybody knows"),
];
const TEXTS: [Option<&str>; 3] =
    [None, Some("The phone number entered is invalid."), Some("hung up")];
const FLOWS: [Option<&str>; 4] = [None, Some("B2C_1A_signup"), Some("it's 100% _"), Some("")];
/// More than a chart lists, in three regions.
const NUMBERS: [&str; 14] = [
    "+14155552700",
    "+14155552701",
    "+14155552702",
    "+14155552703",
    "+14155552704",
    "+18765550100",
    "+18765550101",
    "+18765550102",
    "+4915112345670",
    "+4915112345671",
    "+4915112345672",
    "+4915112345673",
    "+4915112345674",
    "+4915112345675",
];

prop_compose! {
    fn event()(
        id in 0..900_u32,
        ago in prop_oneof![
            0_i64..600_000_000,               // the last ten minutes
            0_i64..8_600_000_000_000,         // the last hundred days
        ],
        kind in prop::sample::select(Kind::ALL),
        channel in prop::sample::select(Channel::ALL),
        phone in 0_usize..=NUMBERS.len(),
        ip in 0_u8..4,
        journey in prop::option::of(0_u32..40),
        agent in prop::sample::select(&AGENTS[..]),
        text in prop::sample::select(&TEXTS[..]),
        flow in prop::sample::select(&FLOWS[..]),
    ) -> Event {
        Event {
            flow: flow.map(str::to_owned),
            phone: (phone > 0).then(|| NUMBERS[phone - 1].parse().unwrap()),
            channel: (phone > 0).then_some(channel),
            ip: (ip > 0).then(|| format!("203.0.113.{ip}").parse().unwrap()),
            user_agent: agent.map(str::to_owned),
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            ..bare(id, ago, kind, journey)
        }
    }
}

fn family(event: &Event, known: &str) -> String {
    match event.user_agent.as_deref() {
        None => String::new(),
        Some(agent) if agent.contains("Firefox") => known.to_owned(),
        Some(_) => "Other".to_owned(),
    }
}

fn fits(event: &Event, query: &Query) -> bool {
    fn same<T: PartialEq>(wanted: &Option<T>, known: Option<T>) -> bool {
        wanted.is_none() || *wanted == known
    }
    let Filters { channel, phone, ip, flow, browser, region, reason } = &query.filters;
    event.kind.is_failure()
        && query.period.contains(event.time)
        && same(channel, event.channel)
        && same(phone, event.phone)
        && same(ip, event.ip)
        && same(flow, event.flow.clone())
        && same(browser, event.user_agent.is_some().then(|| family(event, "Firefox")))
        && same(region, event.phone.and_then(Region::of))
        && same(reason, event.reason)
}

/// None, one or several filters, with values that some events have.
fn filters(events: &[&Event]) -> Filters {
    let one = || events[some(0..events.len())];
    let (a, b) = (one(), one());
    let (some_of, mask) = (some(0_u8..3), some(0_u8..128));
    let take = |bit: u8| some_of > 0 && mask & (1 << bit) != 0 && some(0_u8..3) == 0;
    Filters {
        channel: a.channel.filter(|_| take(0)),
        phone: a.phone.filter(|_| take(1)),
        ip: b.ip.filter(|_| take(2)),
        // An empty value is not a filter.
        flow: b.flow.clone().filter(|flow| !flow.is_empty() && take(3)),
        browser: take(4).then(|| "Firefox".to_owned()),
        region: a.phone.and_then(Region::of).filter(|_| take(5)),
        reason: b.reason.filter(|_| take(6)),
    }
}

fn naive_chart(by: SeriesBy, query: &Query, edges: &Edges, events: &[&Event]) -> Chart {
    let mut counts: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for event in events.iter().filter(|event| fits(event, query)) {
        let key = match by {
            SeriesBy::Number => event.phone.map(|phone| phone.to_string()),
            SeriesBy::Flow => event.flow.clone(),
            SeriesBy::Ip => event.ip.map(|ip| ip.to_string()),
        };
        let counts = counts.entry(key.unwrap_or_default()).or_insert_with(|| vec![0; edges.len()]);
        let starts = edges.starts();
        let bucket = starts.iter().rposition(|start| *start <= event.time).unwrap();
        counts[bucket] += 1;
    }
    Chart::top(edges, counts.into_iter().map(|(key, counts)| Series { key, counts }).collect())
}

fn naive(tile: Tile, query: &Query, events: &[&Event]) -> Vec<Row> {
    let text = |text: Option<String>| text.unwrap_or_default();
    let phone = |event: &Event| text(event.phone.map(|phone| phone.to_string()));
    let ip = |event: &Event| text(event.ip.map(|ip| ip.to_string()));
    let mut counts: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for event in events {
        if fits(event, query) && (tile != Tile::BlockedNumbers || event.kind == Kind::Blocked) {
            let cells = match tile {
                Tile::FailureReasons => vec![
                    text(event.reason.map(|reason| reason.to_string())),
                    text(event.reason_text.clone()),
                ],
                Tile::NumberIpFailures => vec![phone(event), ip(event)],
                Tile::BlockedNumbers | Tile::NumberFailures => vec![phone(event)],
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
    // The first half exists when the engine starts, the second half comes through its tail.
    let events: Vec<Event> = some(prop::collection::vec(event(), 1_200..1_300));
    let (first, second) = events.split_at(600);
    let before = Engine::start(db.clone()).await.unwrap();
    submit(&before, first, 97, Via::Import).await;
    let engine = Engine::start(db.clone()).await.unwrap();
    submit(&engine, second, 131, Via::Api).await;
    let unique = unique(&events);
    assert!(unique.len() < events.len(), "the test needs duplicates");

    for case in 0..60 {
        let (a, b) = some((0_i64..8_700_000_000_000, 1_i64..8_700_000_000_000));
        let to =
            now() + TimeDelta::microseconds(1) - TimeDelta::microseconds(a.min(b) / (case + 1));
        let query = Query {
            period: Period { from: to - TimeDelta::microseconds(a.max(b) / (case + 1) + 1), to },
            filters: filters(&unique),
        };
        for tile in Tile::ALL {
            let truth = naive(*tile, &query, &unique);
            let sql = store::workbook::rows(db.read(), *tile, &query).await.unwrap();
            assert_eq!(sql, truth, "GROUP BY, {tile} {query:?}");
            for engine in [&engine, &before] {
                let fast =
                    engine.workbook.tile(*tile, &query, &TileRowsQuery::all(), Sight::Whole).await;
                assert_eq!(fast.unwrap().rows, truth, "{tile} {query:?}");
            }
            let page = TileRowsQuery { offset: 2, limit: 3, ..TileRowsQuery::default() };
            let page = engine.workbook.tile(*tile, &query, &page, Sight::Whole).await.unwrap();
            let part: Vec<Row> = truth.iter().skip(2).take(3).cloned().collect();
            assert_eq!(page.rows, part, "a page of {tile}");
            assert_eq!(page.matching, truth.len() as u64);
        }
        for by in SeriesBy::ALL {
            let edges = Bucket::of(query.period).edges(query.period, &Utc).unwrap();
            let truth = naive_chart(*by, &query, &edges, &unique);
            let sql = store::failures::chart(db.read(), *by, &query, &edges).await.unwrap();
            assert_eq!(sql, truth, "GROUP BY, by {by} {query:?}");
            let fast = engine.workbook.chart(*by, &query, &edges, Some(&edges)).await.unwrap();
            assert_eq!(Chart { before: None, ..fast.clone() }, truth, "by {by} {query:?}");
            let before = naive(Tile::IpFailures, &query.before(), &unique);
            let before: u64 = before.iter().map(|row| row.count).sum();
            let ghost = fast.before.unwrap();
            assert!(ghost.len() == edges.len() && ghost.iter().sum::<u64>() <= before);
        }
        let all = TileRowsQuery::all();
        let compared = engine.workbook.compared(Tile::IpFailures, &query, &all, Sight::Whole);
        let compared = compared.await.unwrap();
        let before = naive(Tile::IpFailures, &query.before(), &unique);
        for (row, count) in compared.rows.iter().zip(compared.before.unwrap()) {
            let truth = before.iter().find(|before| before.cells == row.cells);
            assert_eq!(count, truth.map_or(0, |row| row.count), "{row:?} before {query:?}");
        }
        let failures = naive(Tile::IpFailures, &query, &unique);
        let total = engine.workbook.total(&query).await.unwrap();
        assert_eq!(total.now, failures.iter().map(|row| row.count).sum::<u64>());
        assert_eq!(total.now, store::workbook::failures(db.read(), &query).await.unwrap());
    }

    let mut conn = db.conn().await.unwrap();
    for (id, attempt) in fold(&unique) {
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
    let all = Query::all(Period { from: old.time, to: now() });
    assert_eq!(store::workbook::failures(db.read(), &all).await.unwrap(), 1);
    use engine::retention::{Retention, step};
    use engine::work::Progress;
    let year = Retention { events: Some(365), ..Retention::default() };
    assert_eq!(step(&db, &Retention::default()).await.unwrap(), Progress::Idle);
    assert_eq!(step(&db, &year).await.unwrap(), Progress::Worked);
    assert_eq!(step(&db, &year).await.unwrap(), Progress::Idle);
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
    // A transaction gets its number now, and commits after a later one.
    let mut slow = db.begin().await.unwrap();
    let row = store::events::NewEvent::of(make("slow"), None, domain::keys::Marks::IMPORT);
    store::events::append(&mut slow, &[&row], now()).await.unwrap();
    engine.ingest.submit(vec![make("quick")], Via::Api).await.unwrap();
    let all = Query::all(Period { from: now() - TimeDelta::hours(1), to: now() });
    let count = async || {
        let rows =
            engine.workbook.tile(Tile::IpFailures, &all, &TileRowsQuery::all(), Sight::Whole).await;
        rows.unwrap().total
    };
    assert!(count().await <= 1);
    slow.commit().await.unwrap();
    // Transactions of other tests on the same server hold the horizon back while they run.
    for _ in 0..500 {
        if count().await == 2 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the slow transaction's event is lost: {} of 2", count().await);
}
