//! The Details tab gives the same counts from memory, by SQL and by a simple count of the same
//! events: its charts by number, flow and address, and its rows, with every filter.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod random;

use chrono::{TimeDelta, Utc};
use domain::bucket::Bucket;
use domain::failures::{Column, Failure, FailuresQuery, Order, TextSearch, fold};
use domain::names::Settings;
use domain::series::{Chart, Series, SeriesBy};
use domain::workbook::{Filters, Query, Sight};
use domain::zone::Zone;
use domain::{Channel, Event, Kind, Period, Reason, Region};
use engine::Engine;
use engine::ingest::Via;
use proptest::prelude::*;
use random::{bare, now, some, submit, unique};
use sqlx::PgPool;
use std::collections::BTreeMap;
use store::{Clock, Db};

const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:84.0) Gecko/20100101 Firefox/84.0";
const TEXTS: [&str; 4] = [
    "The phone number entered is invalid.",
    "Phone number has bad reputation, blocking.",
    "Nobody ÄNDERT this",
    "hung up",
];
/// Of two regions, and two with the same mask.
const PHONES: [&str; 14] = [
    "+14155552700",
    "+14155552701",
    "+14155552702",
    "+14155552703",
    "+14155559900",
    "+14155558900",
    "+37126000000",
    "+37126000001",
    "+37126000002",
    "+37126000003",
    "+37126000004",
    "+37126000005",
    "+37126000006",
    "+4915112345678",
];
const FLOWS: [&str; 4] = ["B2C_1_signup", "B2C_1_Signin", "it's 100% \"quoted\"", "ähnlich"];
const OPERATIONS: [&str; 2] = ["Make phone call to verify phone number", "Send SMS"];

const SEARCHES: &[&str] =
    &["", "", "", "signin", "SIGN", "NEUE", "änder", "••00", "2700", "203.0.113.1", "100%", "sms"];

prop_compose! {
    fn event()(
        id in 0..1_400_u32,
        // Few instants, so that many failures share one.
        ago in prop_oneof![
            (0_i64..40).prop_map(|at| at * 15_000_000),
            (0_i64..8_600).prop_map(|at| at * 1_000_000_000),
        ],
        kind in prop::sample::select(Kind::ALL),
        channel in prop::sample::select(Channel::ALL),
        phone in prop::option::of(prop::sample::select(&PHONES[..])),
        ip in 0_u8..14,
        flow in prop::option::of(prop::sample::select(&FLOWS[..])),
        operation in prop::option::of(prop::sample::select(&OPERATIONS[..])),
        journey in prop::option::of(0_u32..40),
        agent in any::<bool>(),
        text in prop::option::of(prop::sample::select(&TEXTS[..])),
    ) -> Event {
        let mut extra = serde_json::Map::new();
        if let Some(operation) = operation {
            extra.insert("operation".to_owned(), operation.into());
        }
        Event {
            flow: flow.map(str::to_owned),
            phone: phone.map(|phone| phone.parse().unwrap()),
            channel: phone.map(|_| channel),
            ip: (ip > 0).then(|| match ip {
                13 => "2001:db8::13".parse().unwrap(),
                _ => format!("203.0.113.{ip}").parse().unwrap(),
            }),
            user_agent: agent.then(|| AGENT.to_owned()),
            reason: text.map(Reason::from_text),
            reason_text: text.map(str::to_owned),
            extra,
            ..bare(id, ago, kind, journey)
        }
    }
}

fn filters() -> Filters {
    let phone = some(prop::option::weighted(0.2, prop::sample::select(&PHONES[..])));
    let flow = some(prop::option::weighted(0.3, prop::sample::select(&FLOWS[..])));
    let ip = some(prop::option::weighted(0.2, 1_u8..13));
    let reason = some(prop::option::weighted(0.3, prop::sample::select(&TEXTS[..])));
    let region = some(prop::option::weighted(0.2, prop::sample::select(&["US", "LV", "FR"][..])));
    Filters {
        channel: some(prop::option::weighted(0.3, prop::sample::select(Channel::ALL))),
        phone: phone.map(|phone| phone.parse().unwrap()),
        ip: ip.map(|ip| format!("203.0.113.{ip}").parse().unwrap()),
        flow: flow.map(str::to_owned),
        browser: some(prop::option::weighted(0.2, Just("Firefox".to_owned()))),
        region: region.map(|region| region.parse().unwrap()),
        reason: reason.map(Reason::from_text),
    }
}

fn wanted(event: &Event, query: &Query) -> bool {
    let Filters { channel, phone, ip, flow, browser, region, reason } = &query.filters;
    event.kind.is_failure()
        && query.period.contains(event.time)
        && channel.is_none_or(|channel| event.channel == Some(channel))
        && phone.is_none_or(|phone| event.phone == Some(phone))
        && ip.is_none_or(|ip| event.ip == Some(ip))
        && flow.as_ref().is_none_or(|flow| event.flow.as_ref() == Some(flow))
        && browser.is_none() | event.user_agent.is_some()
        && region.is_none_or(|region| event.phone.and_then(Region::of) == Some(region))
        && reason.is_none_or(|reason| event.reason == Some(reason))
}

fn text(text: Option<impl ToString>) -> String {
    text.map(|text| text.to_string()).unwrap_or_default()
}

fn naive_chart(
    by: SeriesBy,
    query: &Query,
    bucket: Bucket,
    zone: Zone,
    events: &[&Event],
) -> Chart {
    let edges = bucket.edges(query.period, &zone).unwrap();
    let mut keys: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for event in events.iter().filter(|event| wanted(event, query)) {
        let key = match by {
            SeriesBy::Number => text(event.phone),
            SeriesBy::Flow => text(event.flow.as_ref()),
            SeriesBy::Ip => text(event.ip),
        };
        // The last bucket that has begun.
        let at = edges.starts().iter().rposition(|start| *start <= event.time).unwrap();
        keys.entry(key).or_insert_with(|| vec![0; edges.len()])[at] += 1;
    }
    let mut keys: Vec<_> = keys.into_iter().collect();
    keys.sort_by_key(|(key, counts)| (std::cmp::Reverse(counts.iter().sum::<u64>()), key.clone()));
    let rest = keys.split_off(keys.len().min(10));
    let other = (0..edges.len()).map(|at| rest.iter().map(|(_, counts)| counts[at]).sum());
    let other: Vec<u64> = other.collect();
    Chart {
        starts: edges.starts().to_vec(),
        end: edges.end(),
        series: keys.into_iter().map(|(key, counts)| Series { key, counts }).collect(),
        other: (!rest.is_empty()).then_some(other),
        before: None,
    }
}

fn failure(event: &Event) -> Failure {
    Failure {
        time: event.time,
        flow: text(event.flow.as_ref()),
        phone: text(event.phone),
        ip: text(event.ip),
        operation: event
            .extra
            .get("operation")
            .map_or("", |word| word.as_str().unwrap())
            .to_owned(),
        reason: text(event.reason),
        reason_text: text(event.reason_text.as_ref()),
        channel: event.channel,
        journey: text(event.journey.as_ref()),
        attempt: Some(event.attempt()),
    }
}

async fn stored(pool: PgPool) -> (Db, Engine, Engine, Vec<Event>) {
    let db = Db::new(pool, Clock::fixed(now()));
    // The first half exists when the second engine starts; the rest comes through its tail.
    let mut events: Vec<Event> = some(prop::collection::vec(event(), 1_900..2_000));
    // Some are identical to another one except for their journey.
    let twins = events.iter().step_by(8).map(|event| Event {
        id: format!("twin of {}", event.id),
        journey: Some(format!("twin {}", event.id)),
        ..event.clone()
    });
    events.extend(twins.collect::<Vec<_>>());
    let (first, second) = events.split_at(900);
    let early = Engine::start(db.clone()).await.unwrap();
    submit(&early, first, 97, Via::Import).await;
    let late = Engine::start(db.clone()).await.unwrap();
    submit(&late, second, 131, Via::Api).await;
    let mut unique: Vec<Event> = unique(&events).into_iter().cloned().collect();
    // Of identical rows, those with the smaller key come first.
    unique.sort_by_key(|event| event.key().0);
    for engine in [&early, &late] {
        caught_up(engine, &unique).await;
    }
    (db, early, late, unique)
}

/// Transactions of other tests on the same server delay reading into memory.
async fn caught_up(engine: &Engine, unique: &[Event]) {
    let from = now() - TimeDelta::days(89);
    let query = Query::all(Period { from, to: now() + TimeDelta::microseconds(1) });
    let failures = unique.iter().filter(|event| wanted(event, &query)).count() as u64;
    for _ in 0..500 {
        let (asked, names) = (FailuresQuery::default(), Settings::default());
        let found = engine.workbook.listing(&query, &asked, Sight::Whole, &names).await.unwrap();
        if found.rows_in_all == failures {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("memory does not reach what was committed");
}

fn period(case: i64) -> Period {
    // Within the table's range, so that memory answers.
    let (a, b) = some((0_i64..7_700_000_000_000, 1_i64..7_700_000_000_000));
    let to = now() + TimeDelta::microseconds(1) - TimeDelta::microseconds(a.min(b) / (case + 1));
    let from = to - TimeDelta::microseconds((a.max(b) - a.min(b)) / (case % 7 + 1) + 1);
    Period { from, to }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn charts_agree(pool: PgPool) {
    let (db, early, late, unique) = stored(pool).await;
    let unique: Vec<&Event> = unique.iter().collect();
    let zones: Vec<Zone> = ["UTC", "Europe/Berlin", "Asia/Kathmandu"]
        .iter()
        .map(|zone| zone.parse().unwrap())
        .collect();
    let (mut others, mut named) = (0, 0);
    for case in 0..60 {
        let query = Query { period: period(case), filters: filters() };
        let query = if case % 3 == 0 { Query::all(query.period) } else { query };
        let zone = some(prop::sample::select(zones.clone()));
        let automatic = Bucket::of(query.period);
        let bucket = some(prop::sample::select(Bucket::ALL));
        let bucket = if bucket.edges(query.period, &zone).is_ok() { bucket } else { automatic };
        let edges = bucket.edges(query.period, &zone).unwrap();
        for &by in SeriesBy::ALL {
            let truth = naive_chart(by, &query, bucket, zone, &unique);
            others += usize::from(truth.other.is_some());
            named += truth.series.len();
            let sql = store::failures::chart(db.read(), by, &query, &edges).await.unwrap();
            assert_eq!(sql, truth, "SQL, by {by} {query:?}");
            for engine in [&early, &late] {
                let fast = engine.workbook.chart(by, &query, &edges, None).await.unwrap();
                assert_eq!(fast, truth, "by {by} {query:?}");
            }
        }
    }
    assert!(others > 10 && named > 200, "{others} {named}: the test needs both");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn rows_agree(pool: PgPool) {
    let (db, early, late, unique) = stored(pool).await;
    let mut names = Settings::default();
    names.flows.insert(FLOWS[0].to_owned(), "Neue Kunden".to_owned());
    let (mut pages, mut found_by_search) = (0, 0);
    for case in 0..90 {
        let query = Query { period: period(case), filters: filters() };
        let query = if case % 3 > 0 { Query::all(query.period) } else { query };
        let sight = some(prop::sample::select(&[Sight::Whole, Sight::Masked][..]));
        let asked = FailuresQuery {
            search: some(prop::sample::select(SEARCHES.to_vec())).to_owned(),
            order: Order {
                column: some(prop::sample::select(Column::ALL)),
                reversed: some(any::<bool>()),
            },
            offset: some(prop_oneof![Just(0_usize), 0_usize..60]),
            limit: some(1_usize..15),
        };
        let all: Vec<Failure> =
            unique.iter().filter(|event| wanted(event, &query)).map(failure).collect();
        let needle = fold(&asked.search);
        let sought = TextSearch::new(&needle, sight, &names);
        let mut fit: Vec<Failure> = all.iter().filter(|row| sought.fits(row)).cloned().collect();
        if asked.order.reversed {
            // Reversed as a whole, including identical rows.
            fit.reverse();
        }
        fit.sort_by(|a, b| asked.order.compare(a, b));
        let matching = fit.len() as u64;
        let page: Vec<Failure> = fit.into_iter().skip(asked.offset).take(asked.limit).collect();
        pages += usize::from(page.len() == asked.limit);
        found_by_search += usize::from(!needle.is_empty() && !page.is_empty());

        let sql = store::failures::listing(db.read(), &query, &asked, sought).await.unwrap();
        assert_eq!(sql.rows, page, "SQL, {asked:?} {query:?}");
        assert_eq!((sql.matching, sql.rows_in_all), (matching, all.len() as u64));
        for engine in [&early, &late] {
            let fast = engine.workbook.listing(&query, &asked, sight, &names).await.unwrap();
            assert_eq!(fast, sql, "{asked:?} {query:?}");
        }
    }
    assert!(pages > 10 && found_by_search > 10, "{pages} {found_by_search}: the test needs both");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn ranges_older_than_memory_are_answered_all_the_same(pool: PgPool) {
    let db = Db::new(pool, Clock::fixed(now()));
    let engine = Engine::start(db).await.unwrap();
    let time = domain::period::parse_time("2003-02-01T10:00:00Z").unwrap();
    let old = Event { time, kind: Kind::Failed, ..some(event()) };
    engine.ingest.submit(vec![old.clone()], Via::Import).await.unwrap();
    let query = Query::all(Period { from: time, to: now() });
    let asked = FailuresQuery { limit: 10, ..FailuresQuery::default() };
    let names = Settings::default();
    let found = engine.workbook.listing(&query, &asked, Sight::Whole, &names).await.unwrap();
    assert_eq!(found.rows, [failure(&old)]);
    let edges = Bucket::Year.edges(query.period, &Utc).unwrap();
    let chart = engine.workbook.chart(SeriesBy::Flow, &query, &edges, None).await.unwrap();
    assert_eq!((chart.series.len(), chart.series[0].counts[0]), (1, 1));
}
