use super::*;
use crate::gate::Recent;
use domain::handles::HandleKey;
use domain::period::parse_time;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use store::Clock;

/// Attempts of one day, more than fit into the pieces that wait for a reader.
async fn attempts(pool: &PgPool) {
    sqlx::query(
        "insert into attempt (id, time, outcome, outcome_time, journey, origins)
         select gen_random_uuid(), t, 'failed', t, repeat('j', 500), '{}'
         from generate_series(1, 2000) as n,
             lateral (select timestamptz '2026-11-20' - n * interval '1 s') as at (t)",
    )
    .execute(pool)
    .await
    .unwrap();
}

fn question(format: &str) -> Question {
    question_of("attempts", format)
}

fn question_of(report: &str, format: &str) -> Question {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let pairs = [pair("range", "30d"), pair("format", format)];
    let now = parse_time("2026-11-20T12:00:00Z").unwrap();
    let key = HandleKey::new(&[3; 32]);
    Question::read(report.parse().unwrap(), &pairs, &key, Sight::Whole, now).unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn who_takes_nothing_is_cut_off_and_keeps_no_place(pool: PgPool) {
    attempts(&pool).await;
    let db = Db::new(pool, Clock::system());
    let places = ReportSlots::new(&db, Arc::<Recent>::default());
    // The test's pool has five connections, so there is one place.
    let place = places.enter().await.unwrap();
    let patience = Duration::from_millis(50);
    let mut pieces = patient(&db, question("csv"), Sight::Whole, "a test", Some(place), patience);
    // The reader reads nothing, but the place becomes free anyway.
    drop(places.enter().await.unwrap());
    let mut last = None;
    let mut taken = 0;
    while let Some(piece) = pieces.recv().await {
        taken += usize::from(piece.is_ok());
        last = Some(piece);
    }
    assert_eq!(taken, WAITING, "waiting pieces can still be read");
    // The file must not look complete.
    let error = last.unwrap().unwrap_err().to_string();
    assert!(error.contains("took nothing of it"), "{error}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_place_is_waited_for_and_refused_when_none_comes(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let places = ReportSlots::new(&db, Arc::<Recent>::default());
    let place = places.enter().await.unwrap();
    assert_eq!(places.enter().await.unwrap_err(), NoFreeSlot);
    let waiting = places.clone();
    let next = tokio::spawn(async move { waiting.enter().await.is_ok() });
    tokio::task::yield_now().await;
    drop(place);
    assert!(next.await.unwrap());
}

/// A report that waits for its reader does not hold a turn; one that works does.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn reports_work_in_turn(pool: PgPool) {
    attempts(&pool).await;
    let db = Db::new(pool, Clock::system());
    let places = ReportSlots::of(2, 1, Arc::<Recent>::default());
    for format in ["csv", "json", "xlsx", "pdf"] {
        let mut working = places.enter().await.unwrap();
        working.work().await;
        let place = places.enter().await.unwrap();
        let mut pieces = stream(&db, question(format), Sight::Whole, "a test", Some(place));
        let early = tokio::time::timeout(Duration::from_millis(100), pieces.recv()).await;
        assert!(early.is_err(), "{format}: it is not its turn");
        drop(working);
        assert!(pieces.recv().await.unwrap().is_ok(), "{format}");
        if format == "csv" {
            // More pieces wait than fit: its turn is over until the reader takes one.
            let mut next = places.enter().await.unwrap();
            next.work().await;
        }
        while let Some(piece) = pieces.recv().await {
            assert!(piece.is_ok(), "{format}");
        }
    }
}

/// Other work takes turns with reports only while decisions are being requested.
#[tokio::test]
async fn others_take_turns_while_decisions_are_asked_for() {
    let gate = Arc::<Recent>::default();
    let places = ReportSlots::of(2, 1, gate.clone());
    let mut working = places.enter().await.unwrap();
    working.work().await;
    assert!(places.turn().await.is_none(), "no decisions are requested");
    gate.note();
    let early = tokio::time::timeout(Duration::from_millis(20), places.turn()).await;
    assert!(early.is_err(), "it is a report's turn");
    gate.note();
    let (turn, ()) = tokio::join!(places.turn(), async { working.rest() });
    assert!(turn.is_some());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_pool_says_how_many_places_there_are(pool: PgPool) {
    for (connections, places) in [(1, 1), (4, 1), (20, 4), (100, 20)] {
        let options = PgPoolOptions::new().max_connections(connections);
        let pool = options.connect_lazy_with((*pool.connect_options()).clone());
        let places_of = ReportSlots::new(&Db::new(pool, Clock::system()), Arc::<Recent>::default());
        assert_eq!(places_of.free.available_permits(), places, "{connections}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_audit_log_that_leaves_the_house_has_no_webhooks_secret(pool: PgPool) {
    let clock = Clock::fixed(parse_time("2026-11-20T11:00:00Z").unwrap());
    let db = Db::new(pool, clock);
    let hook = "https://hooks.example.com/services/T0/very-secret?key=more";
    let change = Change::new(Activity::RecipientAdded, hook);
    db.write(&By::command()).await.unwrap().commit(change).await.unwrap();
    let mut pieces = stream(&db, question_of("audit", "csv"), Sight::Whole, "a test", None);
    let mut file = Vec::new();
    while let Some(piece) = pieces.recv().await {
        file.extend_from_slice(&piece.unwrap());
    }
    let file = String::from_utf8(file).unwrap();
    assert!(file.contains("https://hooks.example.com"), "{file}");
    assert!(!file.contains("secret") && !file.contains("more"), "{file}");
}
