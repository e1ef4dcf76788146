//! State of a source: live, files only, or silent for longer than ever before.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use chrono::{DateTime, TimeDelta, Utc};
use engine::sources::{SourceState, list, silent};
use sqlx::PgPool;
use store::sources::{SourceCounts, note};
use store::{Clock, Db};

fn at(minutes: i64) -> DateTime<Utc> {
    domain::period::parse_time("2026-11-20T00:00:00Z").unwrap() + TimeDelta::minutes(minutes)
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn health(pool: PgPool) {
    let mut conn = pool.acquire().await.unwrap();
    let brought = |minutes| SourceCounts {
        accepted: 5,
        duplicates: 1,
        rejected: 2,
        newest: Some(at(minutes) - TimeDelta::seconds(30)),
    };
    // `app` sends at least every 20 minutes; `log` came as a file.
    for minutes in [0, 20, 30, 50, 70] {
        note(&mut conn, "app", 1, true, &brought(minutes), at(minutes)).await.unwrap();
    }
    note(&mut conn, "log", 1, false, &brought(0), at(0)).await.unwrap();
    note(&mut conn, "log", 2, false, &brought(1), at(1)).await.unwrap();

    let when = async |minutes| {
        let db = Db::new(pool.clone(), Clock::fixed(at(minutes)));
        (list(&db).await.unwrap(), silent(&db).await.unwrap())
    };
    let (sources, none) = when(89).await;
    assert_eq!(sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["app", "log"]);
    assert_eq!((sources[0].state, sources[1].state), (SourceState::Live, SourceState::Files));
    assert_eq!(sources[0].delay, Some(TimeDelta::seconds(30)));
    assert_eq!((sources[0].accepted, sources[0].duplicates, sources[0].rejected), (25, 5, 10));
    assert_eq!(sources[1].accepted, 10, "two writers of one source add up");
    assert!(none.is_empty());

    let (sources, silent) = when(91).await;
    assert_eq!(sources[0].state, SourceState::Silent(TimeDelta::minutes(21)));
    assert_eq!(silent, [("app".to_owned(), TimeDelta::minutes(21))]);
}
