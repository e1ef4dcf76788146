//! Deriving families again: afterwards the store is as if its events had arrived with these
//! patterns.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod stored;

use chrono::TimeDelta;
use domain::audit::By;
use domain::{Channel, Event, Kind, Reason};
use engine::Engine;
use engine::agent::derive::{DerivedRows, derive};
use engine::ingest::Via;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use sqlx::PgPool;
use store::{Clock, Db};
use tokio_util::sync::CancellationToken;

/// More than two pieces.
const EVENTS: usize = 4_500;

const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0 Teams/24295.605.3225.8804/49",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 musical_ly_37.1.0 BytedanceWebview/d8a21c6",
    "what nobody knows",
];

/// Two at each instant, four in a journey; one in five has no user agent.
fn event(number: usize, dice: &mut StdRng) -> Event {
    let start = domain::period::parse_time("2026-10-28T00:00:00Z").unwrap();
    let kind = Kind::ALL[dice.random_range(0..Kind::ALL.len())];
    Event {
        journey: (!number.is_multiple_of(7)).then(|| format!("j{}", number / 4)),
        channel: Some(Channel::ALL[dice.random_range(0..Channel::ALL.len())]),
        user_agent: AGENTS.get(dice.random_range(0..=AGENTS.len())).map(|&agent| agent.to_owned()),
        reason: kind.is_failure().then_some(Reason::Busy),
        ..Event::new(
            "b2c".parse().unwrap(),
            number.to_string(),
            start + TimeDelta::minutes(i64::try_from(number / 2).unwrap() * 4),
            kind,
        )
    }
}

fn events(seed: u64) -> Vec<Event> {
    let mut dice = StdRng::seed_from_u64(seed);
    (0..EVENTS).map(|number| event(number, &mut dice)).collect()
}

async fn engine(pool: &PgPool) -> Engine {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    Engine::start(Db::new(pool.clone(), Clock::fixed(now))).await.unwrap()
}

async fn submit(engine: &Engine, events: &[Event]) {
    for some in events.chunks(500) {
        engine.ingest.submit(some.to_vec(), Via::Import).await.unwrap();
    }
}

/// Everything that has a family, as text.
async fn dump(pool: &PgPool) -> Vec<String> {
    let events = "select (key, browser, os, xid, seq)::text from event order by key";
    stored::dump(pool, events).await
}

/// Simulates older patterns that had other names for one browser and one system.
async fn age(pool: &PgPool, (browser, old_browser): (&str, &str), (os, old_os): (&str, &str)) {
    for (sql, new, old) in [
        ("update event set browser = $2 where browser = $1", browser, old_browser),
        ("update event set os = $2 where os = $1", os, old_os),
    ] {
        sqlx::query(sql).bind(new).bind(old).execute(pool).await.unwrap();
    }
    // Several names may become one: their counts are added.
    for (dim, new, old) in [(3_i16, browser, old_browser), (4, os, old_os)] {
        sqlx::query(
            "with gone as (delete from tally where dim = $1 and key = $2 returning *)
             insert into tally select grain, dim, bucket, channel, $3, detail, writer, n from gone
             on conflict (grain, dim, bucket, channel, key, detail, writer)
             do update set n = tally.n + excluded.n",
        )
        .bind(dim)
        .bind(new)
        .bind(old)
        .execute(pool)
        .await
        .unwrap();
    }
    sqlx::query(
        r#"update attempt set browser = (
               select event.browser from event where attempt = attempt.id and browser is not null
               order by time, event.browser collate "C" limit 1)"#,
    )
    .execute(pool)
    .await
    .unwrap();
}

async fn rewritten(pool: &PgPool) -> i64 {
    store::events::rewritten(pool).await.unwrap()
}

async fn again(engine: &Engine) -> DerivedRows {
    derive(&engine.db, &By::command(), &CancellationToken::new(), |_| ()).await.unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_store_is_as_if_told_with_these_patterns(pool: PgPool) {
    let engine = engine(&pool).await;
    let events = events(11);
    submit(&engine, &events).await;
    let fresh = dump(&pool).await;
    age(&pool, ("Chrome Mobile iOS", "Safari"), ("iOS", "Mac OS X")).await;
    // One that sorts after another one at the same instant, and one that sorts before others.
    age(&pool, ("Microsoft Teams", "Edge"), ("Windows", "Windows 10")).await;
    age(&pool, ("TikTok", "Mobile Safari UI/WKWebView"), ("Other", "BeOS")).await;
    assert_ne!(dump(&pool).await, fresh);

    let all = EVENTS as u64;
    let told: u64 = events.iter().filter(|event| event.user_agent.is_some()).count() as u64;
    let before = rewritten(&pool).await;
    let mut pieces = Vec::new();
    let done = derive(&engine.db, &By::command(), &CancellationToken::new(), |done| {
        pieces.push(done.read);
    })
    .await
    .unwrap();
    assert_eq!((done.read, done.without_agent), (all, all - told));
    assert!(0 < done.attempts && done.attempts < done.changed && done.changed < told, "{done:?}");
    assert_eq!(pieces, [2_000, 4_000, all]);
    assert_eq!(rewritten(&pool).await, before + 1);
    for (now, fresh) in dump(&pool).await.iter().zip(&fresh) {
        assert_eq!(now, fresh);
    }
    // Servers are notified anyway: an earlier run may have been killed before it did so.
    assert_eq!(again(&engine).await, DerivedRows { changed: 0, attempts: 0, ..done });
    assert_eq!(rewritten(&pool).await, before + 2);
    assert_eq!(dump(&pool).await, fresh);

    let entries: Vec<(String, serde_json::Value)> = sqlx::query_as(
        "select object, after from audit_whole where activity = 'Families derived anew'
         order by seq",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(entries.len(), 2);
    assert!(entries[0].0.starts_with("uap-core 20"), "{entries:?}");
    assert_eq!(entries[0].1["changed"], done.changed);
    engine::audit::verify(&engine.db, None, |_| ()).await.unwrap();
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_is_done_while_events_come_in_and_get_what_they_lacked(pool: PgPool) {
    let engine = engine(&pool).await;
    let events = events(12);
    let (known, news): (Vec<_>, Vec<_>) =
        events.iter().cloned().enumerate().partition(|(at, _)| at % 3 > 0);
    let whole: Vec<Event> = events.clone();
    let poor = |(at, mut event): (usize, Event)| {
        if at % 4 == 0 {
            event.user_agent = None;
        }
        event
    };
    let known: Vec<Event> = known.into_iter().map(poor).collect();
    let news: Vec<Event> = news.into_iter().map(poor).collect();
    submit(&engine, &known).await;
    age(&pool, ("Chrome Mobile iOS", "Safari"), ("iOS", "Mac OS X")).await;
    let telling = async {
        submit(&engine, &news).await;
        submit(&engine, &whole).await;
    };
    let (_, ()) = tokio::join!(again(&engine), telling);
    again(&engine).await;
    let now = dump(&pool).await;

    sqlx::raw_sql("truncate event, event_key, attempt, tally").execute(&pool).await.unwrap();
    submit(&engine, &whole).await;
    let placeless = |row: &String| row.rsplitn(3, ',').last().unwrap().to_owned();
    let fresh = dump(&pool).await;
    assert_eq!(now.len(), fresh.len());
    let now = now.iter();
    for (at, (now, fresh)) in now.zip(&fresh).enumerate() {
        // Events from other times have other positions.
        if at < EVENTS {
            assert_eq!(placeless(now), placeless(fresh));
        } else {
            assert_eq!(now, fresh);
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_has_no_user_agent_any_more_stays_and_a_stop_is_heard(pool: PgPool) {
    let engine = engine(&pool).await;
    let events = events(13);
    submit(&engine, &events).await;
    age(&pool, ("Microsoft Teams", "Edge"), ("Linux", "Ubuntu")).await;
    let aged = dump(&pool).await;
    let stop = CancellationToken::new();
    let done = derive(&engine.db, &By::command(), &stop, |_| stop.cancel()).await.unwrap();
    assert_eq!(done.read, 2_000, "the current piece was completed");
    assert!(done.changed > 0);
    assert_ne!(dump(&pool).await, aged);

    sqlx::raw_sql("update event set user_agent = null").execute(&pool).await.unwrap();
    let erased = dump(&pool).await;
    let done = again(&engine).await;
    let all = EVENTS as u64;
    assert_eq!(done, DerivedRows { read: all, without_agent: all, changed: 0, attempts: 0 });
    assert_eq!(dump(&pool).await, erased);
}
