//! Repairing a bad export: events sent without some fields and then again with all of them leave
//! the store as if they had been complete at first.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod stored;

use chrono::TimeDelta;
use domain::{Channel, Cost, Event, Kind, Reason};
use engine::Engine;
use engine::ingest::{BatchCounts, Via};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use sqlx::PgPool;
use store::{Clock, Db};

const EVENTS: usize = 300;

fn full_event(number: usize, dice: &mut StdRng) -> Event {
    let start = domain::period::parse_time("2026-11-19T22:00:00Z").unwrap();
    let kind = Kind::ALL[dice.random_range(0..Kind::ALL.len())];
    let pick = |n: usize, of: &str| Some(format!("{of}{n}"));
    let (person, place) = (dice.random_range(0..9), dice.random_range(0..9));
    Event {
        source: "b2c".parse().unwrap(),
        id: number.to_string(),
        // Across midnight, two at a time.
        time: start + TimeDelta::minutes(i64::try_from(number / 2).unwrap()),
        kind,
        // One in seven has none.
        journey: pick(number / 4, "j").filter(|_| !number.is_multiple_of(7)),
        user: pick(person, "User"),
        device: pick(person, "d"),
        flow: pick(place, "f"),
        app: pick(place, "a"),
        phone: format!("+1415555010{person}").parse().ok(),
        channel: Some(Channel::ALL[dice.random_range(0..Channel::ALL.len())]),
        ip: format!("203.0.113.{place}").parse().ok(),
        user_agent: pick(
            place,
            "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/12",
        ),
        reason: kind.is_failure().then_some(Reason::Busy),
        reason_text: kind.is_failure().then(|| "the line was busy".to_owned()),
        provider_ref: pick(number, "SM"),
        carrier: Some("310-260".to_owned()),
        cost: Some(Cost { amount: "0.01".parse().unwrap(), currency: "EUR".to_owned() }),
        extra: serde_json::json!({"tenant": "t", "more": [1, 2]}).as_object().unwrap().clone(),
    }
}

/// An event without some of its fields.
fn without(event: &Event, dice: &mut StdRng) -> Event {
    let mut event = event.clone();
    let mut drop = || dice.random_bool(0.4);
    for text in [
        &mut event.journey,
        &mut event.user,
        &mut event.device,
        &mut event.flow,
        &mut event.app,
        &mut event.user_agent,
        &mut event.provider_ref,
        &mut event.carrier,
    ] {
        if drop() {
            *text = None;
        }
    }
    if drop() {
        event.ip = None;
    }
    if drop() {
        event.cost = None;
    }
    if drop() {
        event.extra.remove("more");
    }
    // Here a reason always comes with its text, and a number with its channel.
    if drop() {
        (event.reason, event.reason_text) = (None, None);
    }
    if drop() {
        (event.phone, event.channel) = (None, None);
    } else if drop() {
        event.phone = None;
    }
    event
}

/// Everything derived from events, as text.
async fn dump(pool: &PgPool) -> Vec<String> {
    let events = r#"select (key, attempt, time, source, id, kind, journey, "user", device, flow,
            app, phone, region, channel, ip, user_agent, browser, os, reason, reason_text,
            provider_ref, carrier, cost_amount, cost_currency, extra)::text
        from event order by key"#;
    stored::dump(pool, events).await
}

async fn submit(engine: &Engine, events: &[Event]) -> BatchCounts {
    let mut all = BatchCounts::default();
    for some in events.chunks(70) {
        let counts = engine.ingest.submit(some.to_vec(), Via::Import).await.unwrap();
        all.accepted += counts.accepted;
        all.enriched += counts.enriched;
        all.duplicates += counts.duplicates;
    }
    all
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn told_again_whole_is_as_if_told_whole(pool: PgPool) {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let engine = Engine::start(Db::new(pool.clone(), Clock::fixed(now))).await.unwrap();
    let mut dice = StdRng::seed_from_u64(10);
    let events: Vec<Event> = (0..EVENTS).map(|n| full_event(n, &mut dice)).collect();
    let first: Vec<Event> = events.iter().map(|event| without(event, &mut dice)).collect();
    let lacking = first.iter().zip(&events).filter(|(first, whole)| first != whole).count() as u64;
    let all = EVENTS as u64;

    assert_eq!(
        submit(&engine, &first).await,
        BatchCounts { accepted: all, ..BatchCounts::default() }
    );
    let again = BatchCounts { enriched: lacking, duplicates: all - lacking, accepted: 0 };
    assert_eq!(submit(&engine, &events).await, again);
    let mended = dump(&pool).await;
    // There is nothing left to add, also not by the incomplete events.
    for known in [&events, &first] {
        assert_eq!(
            submit(&engine, known).await,
            BatchCounts { duplicates: all, ..BatchCounts::default() }
        );
    }
    assert_eq!(dump(&pool).await, mended);

    sqlx::raw_sql("truncate event, event_key, attempt, tally").execute(&pool).await.unwrap();
    assert_eq!(
        submit(&engine, &events).await,
        BatchCounts { accepted: all, ..BatchCounts::default() }
    );
    for (mended, whole) in mended.iter().zip(&dump(&pool).await) {
        assert_eq!(mended, whole);
    }
}

/// A repetition without the journey belongs to the event that has one, also across midnight.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_telling_without_the_journey_adds_to_the_event_that_has_it(pool: PgPool) {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let engine = Engine::start(Db::new(pool.clone(), Clock::fixed(now))).await.unwrap();
    let mut dice = StdRng::seed_from_u64(12);
    let midnight = domain::period::parse_time("2026-11-20T00:00:00Z").unwrap();
    let event = Event { time: midnight, ..full_event(1, &mut dice) };
    let first = Event { phone: None, ..event.clone() };
    let later =
        Event { journey: None, time: midnight - TimeDelta::milliseconds(4), ..event.clone() };
    submit(&engine, &[first]).await;
    assert_eq!(
        submit(&engine, &[later]).await,
        BatchCounts { enriched: 1, ..BatchCounts::default() }
    );
    let mended = dump(&pool).await;
    sqlx::raw_sql("truncate event, event_key, attempt, tally").execute(&pool).await.unwrap();
    submit(&engine, &[event]).await;
    assert_eq!(mended, dump(&pool).await);
}

/// A log record with the given details.
fn record(details: &serde_json::Value) -> Event {
    let record = serde_json::json!({
        "Id": "B2C_1", "TimeGenerated": "2026-11-20T09:00:00Z", "Result": "success",
        "OperationName": "Verify phone number", "AdditionalDetails": details,
    });
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    match domain::sources::azure::parse(record.to_string().as_bytes(), now).unwrap() {
        domain::sources::Read::Event(event) => *event,
        domain::sources::Read::Ignored(kind) => panic!("ignored: {kind}"),
    }
}

/// KQL's `mv-expand` makes a row of each detail: together they are one event, in one batch or
/// several.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn rows_of_one_detail_each_are_one_event(pool: PgPool) {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let engine = Engine::start(Db::new(pool.clone(), Clock::fixed(now))).await.unwrap();
    let pairs = serde_json::json!([
        {"key": "PolicyId", "value": "B2C_1A_signup"},
        {"key": "PhoneNumber", "value": "+14155550100"},
        {"key": "Somewhere", "value": "else"},
        {"key": "VerificationMethod", "value": "PhoneCall"},
        {"key": "Another", "value": "one"},
    ]);
    submit(&engine, &[record(&pairs)]).await;
    let expected = dump(&pool).await;
    let rows: Vec<Event> = pairs.as_array().unwrap().iter().map(record).collect();
    let count = rows.len() as u64;
    for at in 1..rows.len() {
        sqlx::raw_sql("truncate event, event_key, attempt, tally").execute(&pool).await.unwrap();
        let (one, other) = rows.split_at(at);
        let first = submit(&engine, one).await;
        assert_eq!((first.accepted, first.enriched), (1, u64::from(at > 1)));
        let second = submit(&engine, other).await;
        assert_eq!((second.accepted, second.enriched), (0, 1));
        assert_eq!(first.duplicates + second.duplicates, count - 2 - first.enriched);
        assert_eq!(dump(&pool).await, expected, "{at}");
    }
}

/// An erased person does not come back with an imported log.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_erased_stay_erased(pool: PgPool) {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let db = Db::new(pool.clone(), Clock::fixed(now));
    let engine = Engine::start(db.clone()).await.unwrap();
    let mut dice = StdRng::seed_from_u64(11);
    let event = full_event(1, &mut dice);
    submit(&engine, std::slice::from_ref(&event)).await;
    let whom = domain::erase::Whom::Phone(event.phone.unwrap());
    engine::erase::erase(&db, &domain::audit::By::command(), &whom, false, |_, _| ())
        .await
        .unwrap();
    let before = dump(&pool).await;
    let again = submit(&engine, &[event]).await;
    assert_eq!(again, BatchCounts { duplicates: 1, ..BatchCounts::default() });
    assert_eq!(dump(&pool).await, before);
}
