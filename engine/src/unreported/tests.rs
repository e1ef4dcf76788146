use super::*;
use crate::Engine;
use crate::ingest::Via;
use crate::regions::tests::{event, settle_down};
use domain::Kind;
use domain::audit::By;
use domain::notify::{NewRecipient, Reach};
use serde_json::json;
use sqlx::PgPool;
use store::Clock;
use store::outbox::{Filter, Message};
use testkit::past_noon;

const US: &str = "+14155552700";
const JM: &str = "+18765551234";

fn ann() -> By {
    By::account("ann@example.com", [192, 0, 2, 1].into())
}

/// A server on a store at a given time, with everything read; several may share a store.
async fn server(pool: &PgPool, after: TimeDelta) -> Engine {
    Engine::start(Db::new(pool.clone(), Clock::fixed(past_noon() + after))).await.unwrap()
}

async fn recipient(engine: &Engine) {
    let new = NewRecipient { kind: Reach::Email, address: "ops@example.com".into(), events: None };
    engine.notify.add(&ann(), new).await.unwrap();
}

/// `n` events of a number, `ago` before noon, a microsecond apart.
async fn submit_events(engine: &Engine, number: &str, kind: Kind, ago: TimeDelta, n: i64) {
    let one = |at| {
        let ago = ago - TimeDelta::microseconds(at);
        event(&format!("{number} {kind} {ago} {at}"), number, kind, ago)
    };
    engine.ingest.submit((0..n).map(one).collect(), Via::Import).await.unwrap();
}

/// The alerts raised by the watch, oldest first: kind and sentence.
async fn log(pool: &PgPool) -> Vec<(String, String)> {
    let mut log = store::outbox::list(pool, Filter::default(), None, 1_000).await.unwrap();
    log.reverse();
    let line = |message: &Message| message.payload["line"].as_str().unwrap().to_owned();
    let told = log.iter().filter(|message| message.alert != "set_up_change");
    told.map(|message| (message.alert.clone(), line(message))).collect()
}

/// Reads and checks, as the worker does; returns the number of alerts.
async fn check(engine: &Engine) -> u64 {
    settle_down(&engine.regions).await;
    engine.watch.check_due().await.unwrap()
}

fn days(n: i64) -> TimeDelta {
    TimeDelta::days(n)
}

/// Five codes a day to Jamaica at this hour, for fourteen days.
async fn fortnight(engine: &Engine) {
    for day in 1..=14 {
        submit_events(engine, JM, Kind::Sent, days(day), 5).await;
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_surge_is_told_once_by_one_of_two_servers(pool: PgPool) {
    let (one, two) = (server(&pool, days(0)).await, server(&pool, days(0)).await);
    recipient(&one).await;
    fortnight(&one).await;
    submit_events(&one, JM, Kind::Sent, TimeDelta::seconds(9), 19).await;
    assert_eq!((check(&one).await, check(&two).await), (0, 0), "19 are not a surge");

    submit_events(&one, JM, Kind::Sent, TimeDelta::seconds(8), 1).await;
    let after = TimeDelta::seconds(20);
    let (one, two) = (server(&pool, after).await, server(&pool, after).await);
    let told = tokio::join!(check(&one), check(&two));
    assert_eq!(told.0 + told.1, 1);
    let told = log(&pool).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "surge");
    assert!(
        told[0].1.starts_with("Jamaica (JM): 20 codes sent between 12:00 and 13:00 UTC"),
        "{told:?}"
    );

    // More in the same hour is the same surge; failures are a different one.
    submit_events(&one, JM, Kind::Sent, TimeDelta::seconds(7), 30).await;
    let one = server(&pool, TimeDelta::seconds(40)).await;
    assert_eq!(check(&one).await, 0);
    submit_events(&one, JM, Kind::Blocked, TimeDelta::seconds(6), 20).await;
    assert_eq!(check(&server(&pool, TimeDelta::seconds(60)).await).await, 1);
    let told = log(&pool).await;
    assert!(told[1].1.contains("20 failed attempts"), "{told:?}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_old_log_brought_in_raises_nothing(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    submit_events(&engine, US, Kind::Verified, days(2), 40).await;
    assert_eq!(check(&engine).await, 0);
    // Would be a surge, a fall and first traffic if it had happened now.
    submit_events(&engine, JM, Kind::Verified, days(20), 100).await;
    submit_events(&engine, JM, Kind::Sent, days(10), 500).await;
    submit_events(&engine, US, Kind::Failed, days(1), 500).await;
    assert_eq!(check(&server(&pool, TimeDelta::minutes(6)).await).await, 0);
    assert_eq!(check(&engine).await, 0);
    assert!(log(&pool).await.is_empty());
}

/// The server had read those days before a log was imported; the newest part is read first.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_looks_strange_is_looked_at_again_before_it_is_told(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    submit_events(&engine, US, Kind::Sent, days(20), 1).await;
    settle_down(&engine.regions).await;
    for day in 1..=14 {
        submit_events(&engine, JM, Kind::Sent, days(day), 20).await;
    }
    submit_events(&engine, JM, Kind::Sent, TimeDelta::seconds(9), 50).await;

    let later = |seconds| {
        let clock = Clock::fixed(past_noon() + TimeDelta::seconds(seconds));
        let mut regions = engine.regions.clone();
        regions.db.clock = clock;
        let watch = Watch::new(regions.db.clone(), regions.clone());
        (regions, watch)
    };
    let (regions, watch) = later(20);
    regions.step().await.unwrap();
    let strange = watch.strange(watch.db.clock.now()).await.unwrap();
    assert_eq!(strange.len(), 2, "it knows only the log's newest hours: {strange:?}");
    assert_eq!(
        watch.check_due().await.unwrap(),
        0,
        "50 after 20 are neither a surge nor first traffic"
    );

    submit_events(&engine, JM, Kind::Sent, TimeDelta::seconds(8), 10).await;
    let (regions, watch) = later(40);
    regions.step().await.unwrap();
    assert_eq!(watch.check_due().await.unwrap(), 1, "60 are");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_surges_together_leaves_at_once_and_together(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    submit_events(&engine, US, Kind::Sent, days(2), 1).await;
    submit_events(&engine, US, Kind::Failed, TimeDelta::seconds(9), 20).await;
    submit_events(&engine, US, Kind::Sent, TimeDelta::seconds(8), 20).await;
    assert_eq!(check(&engine).await, 2, "sends and failures");
    let messages = store::outbox::list(&pool, Filter::default(), None, 9).await.unwrap();
    let surges: Vec<_> = messages.iter().filter(|message| message.alert == "surge").collect();
    assert_eq!(surges.len(), 1);
    assert_eq!((surges[0].count, surges[0].due), (2, past_noon()));
    assert!(log(&pool).await[0].1.contains("20 failed attempts"));
    assert!(log(&pool).await[0].1.contains("40 codes sent"));
}

/// How many messages of a kind recipients got.
async fn count(pool: &PgPool, kind: &str) -> usize {
    log(pool).await.iter().filter(|(word, _)| word == kind).count()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn conversion_halved_is_told_every_six_hours(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    submit_events(&engine, JM, Kind::Verified, days(3), 40).await;
    submit_events(&engine, JM, Kind::Sent, days(4), 10).await;
    // Codes of the last minutes may still be entered.
    submit_events(&engine, JM, Kind::Sent, TimeDelta::minutes(9), 18).await;
    submit_events(&engine, JM, Kind::Sent, TimeDelta::minutes(11), 18).await;
    submit_events(&engine, JM, Kind::Verified, TimeDelta::minutes(150), 11).await;
    check(&engine).await;
    assert_eq!(count(&pool, "conversion").await, 0, "29 are too few");
    submit_events(&engine, JM, Kind::Verified, TimeDelta::minutes(151), 1).await;
    let (one, two) = (server(&pool, days(0)).await, server(&pool, days(0)).await);
    tokio::join!(check(&one), check(&two));
    let told = log(&pool).await;
    let told: Vec<_> = told.iter().filter(|(kind, _)| kind == "conversion").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].1.contains("12 of the 30 codes"), "{told:?}");
    assert!(told[0].1.contains("(40 %)") && told[0].1.ends_with("80 %."), "{told:?}");

    // This remains so for hours.
    let five = server(&pool, TimeDelta::hours(5)).await;
    submit_events(&five, JM, Kind::Sent, TimeDelta::zero() - TimeDelta::hours(4), 100).await;
    check(&five).await;
    assert_eq!(count(&pool, "conversion").await, 1, "once within six hours");
    check(&server(&pool, TimeDelta::hours(6)).await).await;
    assert_eq!(count(&pool, "conversion").await, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn first_traffic_is_told_once(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    submit_events(&engine, US, Kind::Sent, TimeDelta::hours(20), 1).await;
    submit_events(&engine, JM, Kind::Requested, TimeDelta::seconds(5), 1).await;
    assert_eq!(check(&engine).await, 0, "on a store's first day there is no first traffic");

    submit_events(&engine, US, Kind::Sent, days(2), 1).await;
    let (one, two) = (server(&pool, TimeDelta::seconds(1)).await, server(&pool, days(0)).await);
    let told = tokio::join!(check(&one), check(&two));
    assert_eq!(told.0 + told.1, 1);
    let told = log(&pool).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "first_traffic");
    assert!(told[0].1.starts_with("Jamaica (JM): 1 attempt since 11:00 UTC"), "{told:?}");
    assert_eq!(check(&server(&pool, TimeDelta::minutes(3)).await).await, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn kill_switches_are_told_of_when_saved_and_when_over(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    let rules = domain::settings::section("rules").unwrap();
    let save = async |switches: Value| {
        let document = json!({ "kill_switches": switches });
        settings::save_document(&engine.db, &ann(), rules, settings::ExpectedVersion::Any, document)
            .await
            .unwrap()
    };
    let until = "2026-11-20T13:00:00Z";
    assert!(save(json!([{"region": "JM", "channel": "sms", "until": until}])).await.changed);
    let told = log(&pool).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "kill_switch");
    assert!(told[0].1.contains("ann@example.com set a kill switch: No codes to Jamaica by sms"));

    // Another setting of the same section raises no alert about switches.
    let mut document = settings::now(&engine.db, rules).await.unwrap().settings;
    document["on_store_failure"] = "deny".into();
    settings::save_document(&engine.db, &ann(), rules, settings::ExpectedVersion::Any, document)
        .await
        .unwrap();
    assert_eq!(log(&pool).await.len(), 1);

    let over = domain::period::parse_time(until).unwrap() - past_noon();
    let early = server(&pool, over - TimeDelta::microseconds(1)).await;
    assert_eq!(early.watch.check_due().await.unwrap(), 0, "it still holds");
    let (one, two) = (server(&pool, over).await, server(&pool, over).await);
    let told = tokio::join!(one.watch.check_due(), two.watch.check_due());
    assert_eq!(told.0.unwrap() + told.1.unwrap(), 1);
    let told = log(&pool).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].1.contains("JM by sms expired at 20 Nov 2026, 13:00 UTC"), "{told:?}");
    let again = server(&pool, over + TimeDelta::seconds(20)).await;
    assert_eq!(again.watch.check_due().await.unwrap(), 0);
    let mut conn = pool.acquire().await.unwrap();
    let kept = settings::load::<Settings>(&mut conn).await.unwrap().settings;
    assert_eq!(kept.kill_switches.len(), 1, "the rules do not change");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_cap_is_told_once_an_hour_in_the_transaction_that_refuses(pool: PgPool) {
    let engine = server(&pool, days(0)).await;
    recipient(&engine).await;
    let refuse = async |rule: &str, minutes: i64, commit: bool| {
        let mut tx = pool.begin().await.unwrap();
        let now = past_noon() + TimeDelta::minutes(minutes);
        tell_of(&mut tx, now, vec![watch::cap_reached(rule, 3)]).await.unwrap();
        if commit {
            tx.commit().await.unwrap()
        } else {
            tx.rollback().await.unwrap()
        }
        log(&pool).await.len()
    };
    let (day, hour) = ("50.00 EUR per 24 h", "5.00 EUR per 1 h");
    assert_eq!(refuse(day, 0, false).await, 0, "a rolled-back transaction raises no alert");
    assert_eq!(refuse(day, 0, true).await, 1);
    assert_eq!(refuse(day, 59, true).await, 1);
    assert_eq!(refuse(hour, 2, true).await, 2, "another cap");
    assert_eq!(refuse(day, 60, true).await, 3, "it keeps refusing");
    assert!(log(&pool).await[0].1.contains("The spend cap 50.00 EUR per 24 h is reached"));
}
