//! The attempt table, `GROUP BY` and a simple merge of the same events give the same results: by
//! every key, by bucket and by funnel step, with any filter, in any order of events.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod alone;
#[path = "../random/attempts.rs"]
mod attempts;
#[path = "../random/mod.rs"]
mod random;
mod size;
mod some;

use attempts::fold;
use chrono::{TimeDelta, Utc};
use domain::attempts::Attempt;
use domain::bucket::Bucket;
use domain::conversion::{
    By, Column, Funnel, KeyRows, KeyRowsQuery, Order, network, of_prompt, prefix,
};
use domain::region_figures::Figures;
use domain::series::Chart;
use domain::workbook::{Filters, Query};
use domain::{Channel, Event, Kind, Period};
use engine::Engine;
use engine::conversion::Conversion;
use engine::ingest::Via;
use proptest::prelude::prop;
use random::{settle, submit, unique};
use some::{event, filters, now, some};
use sqlx::PgPool;
use std::collections::{BTreeMap, HashMap};
use store::{Clock, Db};
use uuid::Uuid;

fn fits(attempt: &Attempt, query: &Query) -> bool {
    fn is<T: PartialEq>(wanted: Option<&T>, has: Option<&T>) -> bool {
        wanted.is_none_or(|wanted| has == Some(wanted))
    }
    let filters = &query.filters;
    query.period.contains(attempt.time)
        && is(filters.channel.as_ref(), attempt.channel.value())
        && is(filters.phone.as_ref(), attempt.phone.value())
        && is(filters.ip.as_ref(), attempt.ip.value())
        && is(filters.flow.as_ref(), attempt.flow.value())
        && is(filters.browser.as_ref(), attempt.browser.value())
        && is(filters.region.as_ref(), attempt.region.value())
        && is(filters.reason.as_ref(), attempt.reason.as_ref())
}

fn key(attempt: &Attempt, by: By) -> String {
    let text = |text: Option<String>| text.unwrap_or_default();
    match by {
        By::Region => text(attempt.region.value().map(ToString::to_string)),
        By::Prefix => text(attempt.phone.value().map(|phone| format!("+{}", prefix(*phone)))),
        By::Flow => text(attempt.flow.value().cloned()),
        By::Carrier => text(attempt.carrier.value().cloned()),
        By::Ip => text(attempt.ip.value().map(|ip| network(*ip).to_string())),
        By::Channel => text(attempt.channel.value().map(ToString::to_string)),
    }
}

type Naive = BTreeMap<String, Figures>;

/// Whether it is a prompt while the query counts only codes.
fn is_prompt(attempt: &Attempt, query: &Query) -> bool {
    query.filters.channel.is_none() && attempt.channel.value() == Some(&Channel::Push)
}

/// The kind as which it counts.
fn counted(attempt: &Attempt) -> Kind {
    match attempt.channel.value() {
        Some(Channel::Push) => of_prompt(attempt.outcome),
        _ => attempt.outcome,
    }
}

fn naive(attempts: &HashMap<Uuid, Attempt>, by: By, query: &Query) -> Naive {
    let mut keys = Naive::new();
    for attempt in attempts.values().filter(|attempt| fits(attempt, query)) {
        if by != By::Channel && is_prompt(attempt, query) {
            continue;
        }
        let figures = keys.entry(key(attempt, by)).or_default();
        figures.count(counted(attempt), 1);
        if let Some((currency, amount)) = attempt.cost.value() {
            figures.spend(currency, *amount);
        }
    }
    keys
}

/// Compares a page of keys with the merged events.
fn same(rows: &KeyRows, now: &Naive, before: &Naive) {
    assert_eq!(rows.rows.len(), now.len());
    let mut total = Figures::default();
    for row in &rows.rows {
        let figures = &now[&row.key];
        let line = &row.line;
        let told = (line.sent, line.verified, line.failed, line.refused);
        assert_eq!(told, (figures.sent, figures.verified, figures.failed, figures.refused));
        assert_eq!(row.cost, figures.cost, "{}", row.key);
        let earlier = before.get(&row.key).cloned().unwrap_or_default();
        assert_eq!((line.sent_before, line.verified_before), (earlier.sent, earlier.verified));
        total.add(figures);
    }
    assert_eq!((rows.total.sent, rows.total.verified), (total.sent, total.verified));
    assert_eq!(rows.cost, total.cost);
}

fn period(case: i64) -> Period {
    let (a, b) = some((0_i64..8_700_000_000_000, 1_i64..8_700_000_000_000));
    let to = now() + TimeDelta::microseconds(1) - TimeDelta::microseconds(a.min(b) / case);
    Period { from: to - TimeDelta::microseconds(a.max(b) / case + 1), to }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn three_ways_to_count_agree(pool: PgPool) {
    let db = Db::new(pool, Clock::fixed(now()));
    let events: Vec<Event> = some(prop::collection::vec(event(), 1_800..1_900));
    let (first, second) = events.split_at(900);
    // One server exists before the first event, one starts in the middle. A third one has read
    // nothing and queries the store.
    let before = Engine::start(db.clone()).await.unwrap();
    before.conversion.load().await.unwrap();
    submit(&before, first, 97, Via::Import).await;
    let middle = Engine::start(db.clone()).await.unwrap();
    middle.conversion.load().await.unwrap();
    // One that holds only some of them, read a few at a time.
    let some_of = Conversion::bounded(db.clone(), 150, 7);
    some_of.load().await.unwrap();
    assert!((140..160).contains(&some_of.held().await.unwrap()));
    // One whose byte limit is so low that it covers a shorter time.
    let few_bytes = Conversion::bounded(db.clone(), 100_000, 7).within(8 << 10);
    few_bytes.load().await.unwrap();
    assert!((7..150).contains(&few_bytes.held().await.unwrap()));
    let asks = Engine::start(db.clone()).await.unwrap();
    for (at, batch) in second.chunks(131).enumerate() {
        let server = if at % 2 == 0 { &before } else { &asks };
        server.ingest.submit(batch.to_vec(), Via::Api).await.unwrap();
    }
    settle(db.read()).await;
    let attempts = fold(&unique(&events));
    assert!(attempts.values().any(|attempt| attempt.delivered && attempt.outcome == Kind::Failed));
    assert_eq!(asks.conversion.held().await, None);
    before.conversion.follow().await.unwrap();
    assert_eq!(before.conversion.held().await, Some(attempts.len()));
    middle.conversion.follow().await.unwrap();
    let held = middle.conversion.held().await.unwrap();
    assert!((300..attempts.len()).contains(&held), "what is older than 190 days is left out");
    some_of.follow().await.unwrap();
    some_of.prune().await.unwrap();
    assert!((1..=168).contains(&some_of.held().await.unwrap()));
    let tables = [&before.conversion, &middle.conversion, &some_of, &asks.conversion];

    let mut compared = 0;
    for case in 1..60 {
        let filters = if case % 6 == 0 { Filters::default() } else { some(filters()) };
        let query = Query { period: period(case), filters };
        for by in By::ALL {
            let truth = naive(&attempts, *by, &query);
            let earlier = naive(&attempts, *by, &query.before());
            let sql = store::conversion::rows(db.read(), *by, &query).await.unwrap();
            assert!(
                sql.is_sorted_by_key(|(key, figures)| (
                    std::cmp::Reverse(figures.sent),
                    key.clone()
                ))
            );
            for (key, figures) in &sql {
                let texts = |figures: &Figures| -> Vec<String> {
                    figures.cost.iter().map(|(code, cost)| format!("{cost} {code}")).collect()
                };
                assert_eq!(texts(figures), texts(&truth[key]), "to the last decimal");
            }
            assert_eq!(sql.into_iter().collect::<Naive>(), truth, "{by} {query:?}");
            let order = Order {
                column: Some(Column::ALL[usize::try_from(case).unwrap() % 7]),
                reversed: false,
            };
            for part in [
                KeyRowsQuery::all(),
                KeyRowsQuery { order, ..KeyRowsQuery::all() },
                KeyRowsQuery { limit: 2, ..KeyRowsQuery::all() },
            ] {
                let pages = tables.map(|table| table.keys(*by, &query, &part));
                let pages = futures::future::try_join_all(pages).await.unwrap();
                let keys = |rows: &KeyRows| -> Vec<String> {
                    rows.rows.iter().map(|row| row.key.clone()).collect()
                };
                for page in &pages {
                    // Keys have different numbers on each, but the same order.
                    assert_eq!(keys(page), keys(&pages[3]), "{by} {part:?} {query:?}");
                    assert_eq!(page.matching, truth.len() as u64);
                    if part.limit > 2 {
                        same(page, &truth, &earlier);
                    }
                }
            }
        }

        let edges = Bucket::of(query.period).edges(query.period, &Utc).unwrap();
        let past = query.before();
        let past_edges = Bucket::of(past.period).edges(past.period, &Utc).unwrap();
        // The last bucket of the previous range is aligned with the last of the range.
        let mut sent_before = vec![0; edges.len()];
        let mut sums_before = [0; 4];
        for attempt in attempts.values().filter(|attempt| fits(attempt, &past)) {
            let mut figures = Figures::default();
            figures.count(attempt.outcome, 1);
            let at = past_edges.index(attempt.time.timestamp_micros()).unwrap() + edges.len();
            if let Some(at) = at.checked_sub(past_edges.len()) {
                sent_before[at] += figures.sent;
            }
            let Figures { sent, verified, failed, refused, .. } = figures;
            let counts = [sent, verified, failed, refused];
            sums_before.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        compared += sums_before[0];
        let mut buckets = vec![Figures::default(); edges.len()];
        let mut funnel = Funnel::default();
        for attempt in attempts.values().filter(|attempt| fits(attempt, &query)) {
            let at = edges.index(attempt.time.timestamp_micros()).unwrap();
            buckets[at].count(attempt.outcome, 1);
            match is_prompt(attempt, &query) {
                true => funnel.prompts += 1,
                false => funnel.count(counted(attempt), attempt.delivered, 1),
            }
        }
        // Those with any count above zero.
        let some = |one: &(String, [u64; 3])| one.1 != [0, 0, 0];
        let regions = naive(&attempts, By::Region, &query).into_iter();
        let regions = regions.map(|(region, Figures { sent, verified, failed, .. })| {
            (region, [sent, verified, failed])
        });
        let regions: BTreeMap<_, _> = regions.filter(some).collect();
        for table in tables {
            let standing = table.range_counts(&query).await.unwrap();
            let told = standing.regions.into_iter().map(|one| {
                let region = one.region.map_or_else(String::new, |region| region.to_string());
                (region, [one.sent, one.verified, one.failed])
            });
            assert_eq!(told.filter(some).collect::<BTreeMap<_, _>>(), regions, "{query:?}");
            let alone = table.strip(&query, &edges, None).await.unwrap();
            assert_eq!((alone.before, &alone.chart.before), (None, &None));
            let strip = table.strip(&query, &edges, Some(&past_edges)).await.unwrap();
            assert_eq!(strip.before, Some(sums_before), "{query:?}");
            assert_eq!(strip.chart.before.as_ref(), Some(&sent_before), "{query:?}");
            let chart = Chart { before: None, ..strip.chart };
            assert_eq!(chart, alone.chart);
            let counts: Vec<_> =
                chart.series.iter().map(|series| (series.key.as_str(), &series.counts)).collect();
            let of = |get: fn(&Figures) -> u64| -> Vec<u64> { buckets.iter().map(get).collect() };
            let expected = [
                ("sent", &of(|figures| figures.sent)),
                ("verified", &of(|figures| figures.verified)),
                ("failed", &of(|figures| figures.failed)),
                ("refused", &of(|figures| figures.refused)),
            ];
            assert_eq!(counts, expected);
            assert_eq!(standing.funnel, funnel);
        }
    }
    assert!(compared > 0, "every previous range was empty");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_the_store_forgets_the_table_forgets(pool: PgPool) {
    let db = Db::new(pool, Clock::fixed(now()));
    let engine = Engine::start(db.clone()).await.unwrap();
    engine.conversion.load().await.unwrap();
    let mut events: Vec<Event> = some(prop::collection::vec(event(), 300..301));
    // Without the amounts that are too large for small sums.
    let large = rust_decimal::Decimal::from(1_000);
    events.retain(|event| event.cost.as_ref().is_none_or(|cost| cost.amount < large));
    engine.ingest.submit(events, Via::Import).await.unwrap();
    settle(db.read()).await;
    let year = Period { from: now() - TimeDelta::days(400), to: now() };
    let query = Query::all(year);
    let sent = async || {
        engine.conversion.keys(By::Channel, &query, &KeyRowsQuery::all()).await.unwrap().total.sent
    };
    let truth = async || -> u64 {
        let rows = store::conversion::rows(db.read(), By::Channel, &query).await.unwrap();
        rows.iter().map(|(_, figures)| figures.sent).sum()
    };
    let all = sent().await;
    assert_eq!(all, truth().await);
    for by in By::ALL {
        let rows = store::conversion::rows(db.read(), *by, &query).await.unwrap();
        let page = engine.conversion.keys(*by, &query, &KeyRowsQuery::all()).await.unwrap();
        same(&page, &rows.into_iter().collect(), &Naive::new());
    }
    use engine::retention::{Retention, step};
    use engine::work::Progress;
    let month = Retention { events: Some(30), ..Retention::default() };
    while step(&db, &month).await.unwrap() == Progress::Worked {}
    engine.conversion.prune().await.unwrap();
    assert_eq!(sent().await, truth().await);
    assert!((1..all).contains(&sent().await));
}
