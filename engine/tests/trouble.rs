//! A database that goes away in the middle: what was acknowledged is stored, nothing is half
//! written, and sending everything again completes it.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use domain::workbook::{Query, Sight, Tile, TileRowsQuery};
use domain::{Channel, Event, Kind, Period};
use engine::ingest::Via;
use engine::{Engine, QueueError};
use sqlx::PgPool;
use store::tallies::{self, FailureDim};
use store::{Clock, Db};

const BATCHES: usize = 60;
const BATCH: usize = 50;

fn event(number: usize) -> Event {
    let start = domain::period::parse_time("2026-11-20T00:00:00Z").unwrap();
    Event {
        journey: Some(format!("j{}", number / 3)),
        phone: Some("+14155552700".parse().unwrap()),
        channel: Some(Channel::Sms),
        ..Event::new(
            "test".parse().unwrap(),
            number.to_string(),
            start + chrono::TimeDelta::seconds(i64::try_from(number).unwrap()),
            Kind::Failed,
        )
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn connections_that_die_lose_nothing(pool: PgPool) {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let db = Db::new(pool, Clock::fixed(now));
    let engine = Engine::start(db.clone()).await.unwrap();
    let batch = |number: usize| -> Vec<Event> {
        (number * BATCH..(number + 1) * BATCH).map(event).collect()
    };

    let mut acknowledged = 0;
    let mut refused = 0;
    for number in 0..BATCHES {
        let killer = async {
            // During every other batch the database closes all of this store's connections.
            if number % 2 == 0 {
                let _ = sqlx::query(
                    "select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = current_database() and pid <> pg_backend_pid()",
                )
                .execute(db.facts())
                .await;
            }
        };
        let (answer, ()) = tokio::join!(engine.ingest.submit(batch(number), Via::Api), killer);
        match answer {
            Ok(counts) => acknowledged += counts.accepted,
            Err(QueueError::Store(_)) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    let stored: i64 =
        sqlx::query_scalar("select count(*) from event").fetch_one(db.read()).await.unwrap();
    let stored = u64::try_from(stored).unwrap();
    assert!(stored >= acknowledged, "acknowledged {acknowledged}, stored {stored}");
    // Whole batches or nothing: a commit whose answer was lost may have succeeded.
    assert_eq!(stored % u64::try_from(BATCH).unwrap(), 0);

    for number in 0..BATCHES {
        engine.ingest.submit(batch(number), Via::Import).await.unwrap();
    }
    let all = u64::try_from(BATCHES * BATCH).unwrap();
    let query = Query::all(Period { from: now - chrono::TimeDelta::days(1), to: now });
    let columns = engine
        .workbook
        .tile(Tile::NumberIpFailures, &query, &TileRowsQuery::all(), Sight::Whole)
        .await
        .unwrap();
    let tallied =
        tallies::failures(db.read(), FailureDim::Reason, query.period, None).await.unwrap();
    let attempts: i64 =
        sqlx::query_scalar("select count(*) from attempt").fetch_one(db.read()).await.unwrap();
    assert_eq!(columns.total, all);
    assert_eq!(tallied, [(String::new(), String::new(), i64::try_from(all).unwrap())]);
    assert_eq!(u64::try_from(attempts).unwrap(), all / 3);
    // The number of refused batches is random; it shows that the case occurred.
    println!("{refused} of {BATCHES} batches were refused");
}
