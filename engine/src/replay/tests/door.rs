//! How many attempts are replayed, which answers are kept, and who waits.

use super::*;

fn size(most: u32, counted: u64) -> Size {
    Size { most, counted, piece: 2 }
}

fn shut() -> TrialRules {
    let rules = Rules { kill_switches: vec![switch(Any::All, None)], ..Rules::default() };
    TrialRules { rules, countries: countries::Settings::default() }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn of_very_many_attempts_the_newest_are_looked_at(pool: PgPool) {
    let day = 60 * 24;
    let attempts = (1..=7).map(|n: i64| {
        let outcome = if n == 3 { Kind::Verified } else { Kind::Sent };
        attempt(n.unsigned_abs().into(), n * day, US, outcome)
    });
    let db = known(pool, attempts.collect()).await;
    for (most, counted, verified, of, at_least) in
        [(3, 100, 1, 7, false), (3, 4, 1, 4, true), (2, 1, 0, 2, true), (7, 1, 1, 7, false)]
    {
        let replays = Replays::default();
        let replayed = ask(&db, &replays, shut(), size(most, counted)).await.unwrap();
        let most = u64::from(most);
        assert_eq!(replayed.newly, [(Code::KillSwitch, most, verified)]);
        assert_eq!((replayed.looked_at, replayed.of, replayed.of_at_least), (most, of, at_least));
        let days = if most == 7 { 30 } else { i64::try_from(most).unwrap() };
        assert_eq!(replayed.from, noon() - TimeDelta::days(days), "{most}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_answer_is_good_for_a_minute(pool: PgPool) {
    let db = known(pool, vec![attempt(1, 50, US, Kind::Sent)]).await;
    let replays = Replays::default();
    let asks = async |after: i64, tried: TrialRules| {
        let clock = Clock::fixed(noon() + TimeDelta::seconds(after));
        let db = db.clone().with_clock(clock);
        let replayed = ask(&db, &replays, tried, size(10, 10)).await.unwrap();
        (replayed.looked_at, replayed.newly_refused().0)
    };
    assert_eq!(asks(0, shut()).await, (1, 1));
    put(&db, vec![attempt(2, 40, US, Kind::Sent)]).await;
    assert_eq!(asks(59, shut()).await, (1, 1), "the same");
    let open = TrialRules { rules: Rules::default(), ..shut() };
    assert_eq!(asks(59, open.clone()).await, (2, 0), "another question");
    assert_eq!(asks(60, shut()).await, (2, 2), "a minute later");
    put(&db, vec![attempt(3, 30, US, Kind::Sent)]).await;
    assert_eq!(asks(59, shut()).await, (3, 3), "the clock went back");
    put(&db, vec![attempt(4, 20, US, Kind::Sent)]).await;
    hold(&db, &shut().rules).await;
    assert_eq!(asks(59, shut()).await, (4, 0), "other rules are current");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn one_runs_and_few_wait(pool: PgPool) {
    let db = known(pool, vec![attempt(1, 50, US, Kind::Sent)]).await;
    let replays = Replays::default();
    let taken = replays.0.places.try_acquire_many(1 + QUEUE as u32).unwrap();
    let refused = ask(&db, &replays, shut(), size(10, 10)).await.unwrap_err();
    assert!(matches!(refused, Error::Busy), "{refused}");
    drop(taken);

    let turn = replays.0.turn.try_acquire().unwrap();
    let mut waits = Box::pin(ask(&db, &replays, shut(), size(10, 10)));
    let waited = tokio::time::timeout(std::time::Duration::from_secs(1), &mut waits).await;
    assert!(waited.is_err() && replays.progress().is_none(), "it waits for its turn");
    drop(turn);
    assert_eq!(waits.await.unwrap().newly, [(Code::KillSwitch, 1, 0)]);
    assert_eq!(replays.0.places.available_permits(), 1 + QUEUE);
    assert_eq!(replays.progress(), None);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_replay_that_is_dropped_makes_room(pool: PgPool) {
    let attempts = (0..500).map(|n| attempt(n, 50, US, Kind::Sent)).collect();
    let db = known(pool, attempts).await;
    let replays = Replays::default();
    let size = Size { most: 1_000, counted: 1_000, piece: 1 };
    let mut runs = Box::pin(ask(&db, &replays, shut(), size));
    // Only until it has started; it takes hundreds of further steps.
    while replays.progress().is_none() {
        let step = tokio::time::timeout(std::time::Duration::ZERO, &mut runs).await;
        assert!(step.is_err(), "it ended unnoticed");
    }
    drop(runs);
    assert_eq!(replays.progress(), None);
    assert_eq!(replays.0.turn.available_permits(), 1);
    assert_eq!(replays.0.places.available_permits(), 1 + QUEUE);
    assert!(lock(&replays.0.kept).is_empty());
}

#[test]
fn the_share_that_is_done_is_that_of_the_time() {
    let end = noon() + TimeDelta::days(30);
    assert_eq!(share(noon(), noon(), end), 0);
    assert_eq!(share(noon(), noon() + TimeDelta::days(3), end), 100);
    assert_eq!(share(noon(), end, end), 1_000);
    assert_eq!(share(noon(), end + TimeDelta::days(1), end), 1_000);
    assert_eq!(share(noon(), noon(), noon()), 0);
}

/// From submitting events to the answer.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn events_become_an_answer(pool: PgPool) {
    let engine = Engine::start(Db::new(pool, Clock::fixed(noon()))).await.unwrap();
    let event = |id: &str, journey: &str, phone: &str, kind| Event {
        journey: Some(journey.to_owned()),
        user: Some(" Ann@example.com".to_owned()),
        flow: Some("sign-in".to_owned()),
        phone: Some(phone.parse().unwrap()),
        channel: Some(Channel::Whatsapp),
        ip: Some("192.0.2.1".parse().unwrap()),
        ..Event::new("test".parse().unwrap(), id.to_owned(), noon() - TimeDelta::minutes(5), kind)
    };
    let events = vec![
        event("1", "a", US, Kind::Requested),
        event("2", "a", US, Kind::Sent),
        event("3", "a", US, Kind::Verified),
        event("4", "b", GB, Kind::Sent),
        event("5", "b", GB, Kind::Verified),
        event("6", "c", JM, Kind::Sent),
    ];
    engine.ingest.submit(events, Via::Api).await.unwrap();
    for (per, code) in [
        (Dimension::User, Code::LimitUser),
        (Dimension::Ip, Code::LimitIp),
        (Dimension::IpNetwork, Code::LimitIpNetwork),
        (Dimension::Flow, Code::LimitFlow),
        (Dimension::All, Code::LimitAll),
    ] {
        let rules = Rules { limits: vec![Limit::new(per, 1, 60)], ..Rules::default() };
        let replayed = would_refuse(&engine, rules, countries::Settings::default()).await.unwrap();
        let (newly, looked_at) = (replayed.newly, replayed.looked_at);
        let [(why, 2, verified)] = newly[..] else { panic!("{per}: {newly:?}") };
        // Of the three attempts with the same time, any may be the first.
        assert!(why == code && (1..=2).contains(&verified) && looked_at == 3, "{per}: {newly:?}");
    }
    // Attempts have no device.
    let limits = vec![Limit::new(Dimension::Device, 1, 60)];
    let rules = Rules { limits, ..Rules::default() };
    let replayed = would_refuse(&engine, rules, countries::Settings::default()).await.unwrap();
    assert_eq!(replayed.newly, []);
}
