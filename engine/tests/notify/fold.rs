//! Which messages are sent at once, and which together.

use super::*;
use domain::notify::{MessageState, RecipientChange};
use engine::settings::{ExpectedVersion, save_document};
use sqlx::PgPool;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_first_goes_at_once_and_the_rest_of_the_minute_together(pool: PgPool) {
    let now = async |seconds| notifier(&pool, seconds, &options());
    add_mail(&now(0).await, "ops@example.com").await;
    for (seconds, user) in [(0, "ana"), (1, "bob"), (30, "cy"), (59, "bob")] {
        raise_at(&pool, seconds, &report(user)).await;
    }
    assert_eq!(drain(&now(59).await).await, 1, "only the first is due");
    assert_eq!(drain(&now(60).await).await, 1, "the rest is due together");
    raise_at(&pool, 60, &report("eve")).await;
    assert_eq!(drain(&now(60).await).await, 1, "another minute has begun");
    let told: Vec<_> = log(&pool).await.into_iter().map(|m| (m.count, m.users)).collect();
    let users = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(told, [(1, users(&["ana"])), (3, users(&["bob", "cy"])), (1, users(&["eve"]))]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_flood_makes_two_messages_for_each_recipient(pool: PgPool) {
    let setup = notifier(&pool, 0, &options());
    add_mail(&setup, "ops@example.com").await;
    add_mail(&setup, "soc@example.com").await;
    let hook = "https://hooks.example.com/";
    add(&setup, Reach::Webhook, hook, &[AlertKind::FraudReport, AlertKind::Block]).await;

    // 100,000 reports within a minute, from four concurrent writers, in batches of 500.
    let writers = (0..4).map(|writer| {
        let pool = pool.clone();
        tokio::spawn(async move {
            for batch in 0..50 {
                let users = (0..500).map(|at| format!("user-{writer}-{batch}-{at}")).collect();
                let alert = Alert { users, count: 500, ..report("x") };
                raise_at(&pool, batch, &alert).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let messages = log(&pool).await;
    assert_eq!(messages.len(), 6, "two for each of the three recipients");
    for due in [at(0), at(60)] {
        assert_eq!(messages.iter().filter(|message| message.due == due).count(), 3, "{due}");
    }
    let told: i64 = messages.iter().map(|message| message.count).sum();
    assert_eq!(told, 300_000, "every report is counted for every recipient");
    assert!(messages.iter().all(|message| message.users.len() == 20));

    raise_at(&pool, 61, &report("late")).await;
    assert_eq!(log(&pool).await.len(), 9, "the next minute begins with a single message again");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn only_those_who_want_it_are_told(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    let paused = add_mail(&now, "paused@example.com").await;
    let removed = add_mail(&now, "removed@example.com").await;
    add(&now, Reach::Email, "other@example.com", &[AlertKind::Block]).await;
    let wants = add_mail(&now, "ops@example.com").await;
    let pause = RecipientChange { paused: Some(true), ..Default::default() };
    now.change(&ann(), paused.id, pause).await.unwrap();
    now.remove(&ann(), removed.id).await.unwrap();

    raise_at(&pool, 0, &report("ana")).await;
    let recipients: Vec<_> = log(&pool).await.iter().map(|message| message.recipient).collect();
    assert_eq!(recipients, [wants.id]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_kind_can_be_turned_off_and_that_is_told(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    add(&now, Reach::Email, "ops@example.com", AlertKind::ALL).await;
    let kind = domain::settings::section("notifications").unwrap();
    let off = serde_json::json!({ "fraud_report": false });
    // Switching alerts off needs the password, which she entered a moment ago.
    let ann = ann().fresh(true);
    let saved =
        save_document(&db(&pool, 0), &ann, kind, ExpectedVersion::Version(0), off).await.unwrap();
    assert!(saved.changed);
    raise_at(&pool, 0, &report("ana")).await;
    raise_at(&pool, 0, &Alert { kind: AlertKind::Block, ..report("ana") }).await;
    let mut kinds: Vec<_> = log(&pool).await.into_iter().map(|message| message.alert).collect();
    kinds.sort();
    assert_eq!(kinds, ["block", "set_up_change"]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_rolled_back_was_not_raised(pool: PgPool) {
    add_mail(&notifier(&pool, 0, &options()), "ops@example.com").await;
    let mut tx = pool.begin().await.unwrap();
    raise(&mut tx, at(0), &report("ana")).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(log(&pool).await.is_empty());
    raise_at(&pool, 1, &report("bob")).await;
    assert_eq!(log(&pool).await[0].due, at(1), "the minute was rolled back too");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn kinds_do_not_wait_for_each_other(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    add(&now, Reach::Email, "ops@example.com", AlertKind::ALL).await;
    for &kind in AlertKind::ALL {
        raise_at(&pool, 0, &Alert { kind, ..report("ana") }).await;
    }
    assert!(log(&pool).await.iter().all(|message| message.due == at(0)));
    assert_eq!(log(&pool).await.len(), AlertKind::ALL.len());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_message_on_its_way_takes_no_more(pool: PgPool) {
    let db = db(&pool, 60);
    add_mail(&notifier(&pool, 0, &options()), "ops@example.com").await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&notifier(&pool, 0, &options())).await;
    raise_at(&pool, 30, &report("bob")).await;
    // A worker whose clock is ahead claims it while another request still adds to it.
    let claimed = store::outbox::claim(db.facts(), Reach::Email, at(60), at(150)).await.unwrap();
    assert_eq!(claimed.unwrap().count, 1);
    raise_at(&pool, 59, &report("cy")).await;
    let messages = log(&pool).await;
    assert_eq!(messages.iter().map(|m| m.count).collect::<Vec<_>>(), [1, 1, 1]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_postgres_cannot_keep_does_not_stop_the_rest(pool: PgPool) {
    add_mail(&notifier(&pool, 0, &options()), "ops@example.com").await;
    raise_at(&pool, 0, &Alert { line: "a\0b".into(), ..report("an\0a") }).await;
    assert_eq!(log(&pool).await[0].users, ["an a"]);
    assert_eq!(log(&pool).await[0].state, MessageState::Waiting);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_silence_is_told_once(pool: PgPool) {
    let setup = notifier(&pool, 0, &options());
    add(&setup, Reach::Email, "ops@example.com", &[AlertKind::SourceSilent]).await;
    let mut conn = pool.acquire().await.unwrap();
    let brought =
        store::sources::SourceCounts { accepted: 1, duplicates: 0, rejected: 0, newest: None };
    for minutes in [0, 20, 40, 60] {
        let when = at(minutes * 60);
        store::sources::note(&mut conn, "app", 1, true, &brought, when).await.unwrap();
    }
    let look = async |minutes: i64| {
        engine::notify::tell_of_silent_sources(&db(&pool, minutes * 60)).await.unwrap()
    };
    assert_eq!(look(79).await, Progress::Idle, "not yet");
    assert_eq!((look(81).await, look(82).await), (Progress::Worked, Progress::Idle));
    let told = log(&pool).await;
    assert_eq!((told.len(), told[0].alert.as_str()), (1, "source_silent"));
    assert!(
        told[0].payload["line"].as_str().unwrap().contains("app has been silent for 21 minutes")
    );

    store::sources::note(&mut conn, "app", 1, true, &brought, at(6_000)).await.unwrap();
    assert_eq!(look(100).await, Progress::Idle, "it speaks again");
    assert_eq!(look(200).await, Progress::Worked, "and falls silent again");
}
