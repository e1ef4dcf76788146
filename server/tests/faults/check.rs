//! The checks after every fault.

use super::desk::{DataDirectory, Server, WELL_WITHIN};
use super::load::Acknowledged;
use domain::gate::DecisionId;
use sqlx::{AssertSqlSafe, PgPool};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Sums that must be equal: their name, and a query for each side.
const EQUAL: &[(&str, &str, &str)] = &[
    (
        "tallies by kind",
        "select key, sum(n)::bigint from tally where grain = 1 and dim = 1 group by key order by 1",
        "select kind, count(*) from event group by kind order by 1",
    ),
    (
        "tallies by hour and kind",
        "select key, sum(n)::bigint from tally where grain = 60 and dim = 1 group by key order by 1",
        "select kind, count(*) from event group by kind order by 1",
    ),
    (
        "tallies by day and source",
        "select key, sum(n)::bigint from tally where grain = 1440 and dim = 5 group by key order by 1",
        "select source, count(*) from event group by source order by 1",
    ),
    (
        "keys of events",
        "select 'all', count(*) from event_key",
        "select 'all', count(distinct key) from event",
    ),
    (
        "attempts of events",
        "select 'all', count(*) from attempt",
        "select 'all', count(distinct attempt) from event",
    ),
    (
        "events of decisions",
        "select 'all', count(*) from decision",
        "select 'all', count(*) from event join decision on decision.event = event.key",
    ),
    (
        "events of fraud reports",
        "select 'all', count(*) from fraud_report",
        "select 'all', count(*) from event where kind = 'reported' and source = 'faults'",
    ),
];

/// Everything acknowledged is in the store once, counts match the events, the audit log verifies,
/// and no overdue message waits.
pub fn all(desk: &DataDirectory, server: &Server, told: &Acknowledged) {
    server.wait_ready();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let cluster = desk.cluster().await;
        let pool = PgPool::connect(cluster.url()).await.unwrap();
        once(&pool, "events", "select id from event where source = 'faults'", &told.events).await;
        let decisions = "select id::text from decision";
        once(&pool, "decisions", decisions, &ids(&told.decisions)).await;
        let reports = "select external_id from fraud_report";
        once(&pool, "fraud reports", reports, &told.reports).await;
        for (what, one, other) in EQUAL {
            let one = sums(&pool, one).await;
            assert!(!one.is_empty(), "{what}: nothing was counted");
            assert_eq!(one, sums(&pool, other).await, "{what}");
        }
        nothing_waits(&pool).await;
        pool.close().await;
        cluster.leave().await.unwrap();
    });
    desk.run(&["audit", "verify"]);
}

/// Decisions that were answered while the store was away are written once when it is back.
pub fn from_memory(desk: &DataDirectory, told: &Acknowledged) {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let cluster = desk.cluster().await;
        let pool = PgPool::connect(cluster.url()).await.unwrap();
        let begun = Instant::now();
        let wanted = ids(&told.from_memory);
        loop {
            let there = rows(&pool, "select id::text from decision").await;
            if wanted.iter().all(|id| there.contains_key(id)) {
                break;
            }
            assert!(begun.elapsed() < WELL_WITHIN, "answers from memory were not written");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        once(&pool, "answers from memory", "select id::text from decision", &wanted).await;
        pool.close().await;
        cluster.leave().await.unwrap();
    });
}

/// Ids of decisions as in the store.
fn ids(told: &[String]) -> Vec<String> {
    told.iter().map(|id| id.parse::<DecisionId>().unwrap().0.to_string()).collect()
}

async fn once(pool: &PgPool, what: &str, sql: &'static str, told: &[String]) {
    let there = rows(pool, sql).await;
    let lost: Vec<_> = told.iter().filter(|id| !there.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{what}: acknowledged and lost: {lost:?}");
    let doubled: Vec<_> = there.iter().filter(|(_, count)| **count > 1).collect();
    assert!(doubled.is_empty(), "{what}: there more than once: {doubled:?}");
}

async fn rows(pool: &PgPool, sql: &'static str) -> HashMap<String, u32> {
    let mut there = HashMap::new();
    for id in sqlx::query_scalar::<_, String>(sql).fetch_all(pool).await.unwrap() {
        *there.entry(id).or_default() += 1;
    }
    there
}

async fn sums(pool: &PgPool, sql: &'static str) -> Vec<(String, i64)> {
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap()
}

async fn nothing_waits(pool: &PgPool) {
    let begun = Instant::now();
    let late = "select 'late', count(*) from outbox
                where state = 'waiting' and due < now() - interval '5 seconds'";
    while sums(pool, late).await[0].1 > 0 {
        assert!(begun.elapsed() < WELL_WITHIN, "messages wait and nobody sends them");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
