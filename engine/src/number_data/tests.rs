//! New metadata: compared, stored, in the audit log. The server's tests check what a process loads,
//! each in a separate process.

use super::*;
use chrono::TimeDelta;
use sqlx::PgPool;
use store::Clock;
use testkit::number_data::javascript;

/// Area code 436 is added, and 415 removed.
const MOVED: [(&str, &str); 1] =
    [("4(?:0[124-9]|1[02-579]|2[3-5]|3[0245]", "4(?:0[124-9]|1[02-479]|2[3-5]|3[02456]")];

async fn attempts(pool: &PgPool, clock: Clock, phones: &[(&str, i64)]) {
    for (at, (phone, days)) in phones.iter().enumerate() {
        let time = clock.now() - TimeDelta::days(*days);
        sqlx::query(
            "insert into attempt (id, time, outcome, outcome_time, phone, origins)
             values ($1, $2, 'sent', $2, $3, '{}')",
        )
        .bind(uuid::Uuid::from_u128(at as u128))
        .bind(time)
        .bind(phone)
        .execute(pool)
        .await
        .unwrap();
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn each_number_of_the_last_days_is_compared_once(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let phones = [
        ("+14365550100", 1),
        ("+14365550100", 2),
        ("+14155550100", 3),
        ("+447400123456", 29),
        ("+14365550199", 31),
    ];
    attempts(db.read(), db.clock, &phones).await;
    let offered = Offered::read(&javascript(&MOVED), "a test's").unwrap();
    let mut told = 0;
    let moves = compare(&db, &offered.plans, |moves| told = moves.numbers).await.unwrap();
    assert_eq!((moves.numbers, told), (3, 3), "the one of 31 days ago is left out");
    assert_eq!((moves.validity.moved, moves.region.moved), (2, 0));
    let shown: Vec<&str> = moves.validity.examples.iter().map(|one| &*one.number).collect();
    assert_eq!(shown, ["+14365••••00", "+14155••••00"]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_brought_is_kept_and_on_the_record(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let by = By::command();
    assert!(!replace(&db, &by, &Offered::built_in()).await.unwrap(), "it is current already");
    let offered = Offered::read(&javascript(&MOVED), "a test's").unwrap();
    assert!(replace(&db, &by, &offered).await.unwrap());
    assert!(!replace(&db, &by, &offered).await.unwrap(), "a second call changes nothing");
    let kept = store::number_data::current(db.read()).await.unwrap().unwrap();
    assert_eq!((kept.version, &*kept.name, &*kept.taken_by), (1, "a test's", "command line"));
    let plans = plans_of(kept).unwrap();
    let opened = plans.facts("+14365550100".parse().unwrap()).unwrap();
    assert!(opened.valid && plans.name() == "a test's");
    assert!(replace(&db, &by, &Offered::built_in()).await.unwrap());
    let kept = store::number_data::current(db.read()).await.unwrap().unwrap();
    assert_eq!((kept.version, &kept.content), (2, &None));
    let objects: Vec<(String, String)> =
        sqlx::query_as("select activity, object from audit order by seq")
            .fetch_all(db.read())
            .await
            .unwrap();
    let entry = |object: &str| ("Number data changed".to_owned(), object.to_owned());
    assert_eq!(objects, [entry("a test's"), entry(Plans::built_in().name())]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_cannot_be_read_is_said(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    let version = Version {
        version: 1,
        name: "broken".into(),
        content: Some(("nothing".into(), "00".into())),
        taken: db.clock.now(),
        taken_by: "command line".into(),
    };
    let error = plans_of(version).unwrap_err().to_string();
    assert!(error.contains("a row of number_data cannot be read: has no table"), "{error}");
    let refused = Offered::read("nothing", "x").unwrap_err().to_string();
    assert!(refused.starts_with("has no table"), "{refused}");
}
