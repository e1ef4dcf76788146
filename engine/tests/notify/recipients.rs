//! Recipients: added, changed, tested, stopped by their own link, removed.

use super::hook::{Hook, Reply};
use super::smtp::{Manners, Smtp};
use super::*;
use domain::notify::{MessageState, RecipientChange, stop_token};
use engine::notify::RecipientError;
use sqlx::PgPool;

async fn audit(pool: &PgPool) -> Vec<(String, String)> {
    sqlx::query_as("select activity, object from audit_whole order by seq")
        .fetch_all(pool)
        .await
        .unwrap()
}

fn refused<T>(result: Result<T, RecipientError>, field: &str) -> String {
    match result {
        Err(RecipientError::Invalid(invalid)) => invalid.of(field).unwrap().to_owned(),
        _ => panic!("not refused at {field}"),
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_change_is_on_the_record_and_told_to_the_others(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    add(&now, Reach::Email, "watch@example.com", &[AlertKind::SetUpChange]).await;
    let row = add_mail(&now, "ops@example.com").await;
    let events = Some(vec![AlertKind::Block, AlertKind::FraudReport, AlertKind::Block]);
    let row = now.change(&ann(), row.id, RecipientChange { events, paused: None }).await.unwrap();
    assert_eq!(row.events, [AlertKind::FraudReport, AlertKind::Block]);
    let paused = RecipientChange { paused: Some(true), ..RecipientChange::default() };
    now.change(&ann(), row.id, paused.clone()).await.unwrap();
    now.change(&ann(), row.id, paused).await.unwrap();
    now.remove(&ann(), row.id).await.unwrap();
    let activities: Vec<_> = audit(&pool).await.into_iter().map(|(activity, _)| activity).collect();
    assert_eq!(
        activities,
        [
            "Recipient added",
            "Recipient added",
            "Recipient changed",
            "Recipient changed",
            "Recipient removed"
        ],
        "a change of nothing has no entry"
    );
    drain(&notifier(&pool, 60, &options())).await;
    let mut told = log(&pool).await;
    told.sort_by_key(|message| message.due);
    assert_eq!(told.iter().map(|m| m.count).collect::<Vec<_>>(), [1, 3]);
    assert!(told.iter().all(|m| m.address == "watch@example.com" && m.alert == "set_up_change"));
    let line = told[0].payload["line"].as_str().unwrap();
    assert_eq!(line, "ann@example.com added the recipient ops@example.com.");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_input_is_refused_beside_its_field(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    let mail = |address: &str, events| NewRecipient {
        kind: Reach::Email,
        address: address.into(),
        events,
    };
    refused(now.add(&ann(), mail("a@b.example\r\nBcc: x@evil.example", None)).await, "address");
    refused(now.add(&ann(), mail("nobody", None)).await, "address");
    refused(now.add(&ann(), mail("ops@example.com", Some(Vec::new()))).await, "events");
    let (row, secret) = now.add(&ann(), mail("ops@EXAMPLE.com", None)).await.unwrap();
    assert_eq!((row.address.as_str(), &*row.events), ("ops@example.com", AlertKind::ALL));
    assert_eq!(secret, None);
    refused(now.add(&ann(), mail("ops@example.com", None)).await, "address");
    refused(now.rotate(&ann(), row.id).await, "kind");
    let none = RecipientChange { events: Some(Vec::new()), paused: None };
    refused(now.change(&ann(), row.id, none).await, "events");
    let unknown = now.remove(&ann(), uuid::Uuid::nil()).await;
    assert!(matches!(unknown, Err(RecipientError::Missing)));
    assert_eq!(audit(&pool).await.len(), 1, "a refused change was not made");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_secret_is_sealed_where_it_is_kept(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    let new = NewRecipient {
        kind: Reach::Webhook,
        address: "https://hooks.example.com/".into(),
        events: None,
    };
    let (row, secret) = now.add(&ann(), new).await.unwrap();
    let secret = secret.unwrap();
    let kept = row.secret.unwrap();
    assert!(!kept.windows(8).any(|part| part == &secret.bytes()[..8]));
    assert_eq!(now.secret_of(row.id).await.unwrap(), Some(secret.clone()));
    let entries: String =
        sqlx::query_scalar("select string_agg(audit_whole::text, ' ') from audit_whole")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!(!entries.contains(&secret.reveal()[6..]));

    // With another server secret it cannot be decrypted, and the log says so.
    let mut other = db(&pool, 0);
    other.secret = domain::secret::Secret::new([42; 32]);
    let other = Notifier::with(other, options()).unwrap();
    assert_eq!(other.secret_of(row.id).await.unwrap(), None);
    raise_at(&pool, 0, &report("ana")).await;
    drain(&other).await;
    assert!(log(&pool).await[0].answer.as_deref().unwrap().contains("cannot be decrypted"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_test_shows_the_answer(pool: PgPool) {
    let to_recipients = vec!["550 5.1.1 no such user"];
    let smtp = Smtp::start(Manners { to_recipients, ..Manners::default() }).await;
    let now = notifier(&pool, 0, &Options { smtp: Some(smtp.url()), ..options() });
    let row = add_mail(&now, "ops@example.com").await;
    let (_, delivered) = now.test(&ann(), row.id).await.unwrap();
    assert_eq!(delivered.state, MessageState::Failed);
    assert_eq!(delivered.answer, "550 5.1.1 no such user");
    let (_, delivered) = now.test(&ann(), row.id).await.unwrap();
    assert_eq!(
        (delivered.state, delivered.answer.as_str()),
        (MessageState::Sent, "250 2.0.0 taken as 4711")
    );
    let mail = smtp.mails().remove(0);
    assert_eq!(mail.header("subject").as_deref(), Some("Test message from Tollwarden"));
    assert!(mail.text().contains("ann@example.com sent this message to test delivery"));
    assert_eq!(drain(&notifier(&pool, 50_000, &options())).await, 0, "a test is not tried again");

    let hook = Hook::start(vec![Reply::of("401 Unauthorized", "who are you")], None).await;
    let row = add(&now, Reach::Webhook, &hook.url(), &[AlertKind::Block]).await;
    let (_, delivered) = now.test(&ann(), row.id).await.unwrap();
    assert_eq!(delivered.answer, "401 Unauthorized: who are you");
    assert_eq!(log(&pool).await.len(), 3, "tests are in the log");
    let tests =
        audit(&pool).await.into_iter().filter(|(activity, _)| activity == "Test message sent");
    assert_eq!(tests.count(), 3);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_link_stops_its_recipient_alone(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    let row = add_mail(&now, "ops@example.com").await;
    add_mail(&now, "soc@example.com").await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&now).await;
    raise_at(&pool, 30, &report("bob")).await;

    let token = stop_token(&db(&pool, 0).secret.link_key(), row.id);
    let from = [192, 0, 2, 9].into();
    assert!(!now.stop("0123", from).await.unwrap());
    assert_eq!(now.of_stop_link(&token).await.unwrap().unwrap().stopped, None);
    assert!(now.stop(&token, from).await.unwrap());
    assert!(now.stop(&token, from).await.unwrap(), "a second click works too");
    let (activity, object) = audit(&pool).await.pop().unwrap();
    assert_eq!(
        (activity.as_str(), object.as_str()),
        ("Recipient stopped by link", "ops@example.com")
    );

    drain(&notifier(&pool, 60, &options())).await;
    let waited: Vec<_> = log(&pool).await.into_iter().filter(|m| m.recipient == row.id).collect();
    assert_eq!(waited[1].answer.as_deref(), Some("Not sent: the recipient stopped its messages."));
    raise_at(&pool, 200, &report("cy")).await;
    let last = log(&pool).await.pop().unwrap();
    assert_eq!(last.address, "soc@example.com");
    assert!(refused(now.test(&ann(), row.id).await, "recipient").contains("stopped"));

    // After resuming, its next mail says again who added it.
    let resume = RecipientChange { paused: Some(false), ..RecipientChange::default() };
    let row = now.change(&ann(), row.id, resume).await.unwrap();
    assert_eq!((row.stopped, row.greeted), (None, false));
    now.remove(&ann(), row.id).await.unwrap();
    assert!(!now.stop(&token, from).await.unwrap(), "a removed recipient's link is not valid");
    assert_eq!(now.of_stop_link(&token).await.unwrap(), None);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn changes_and_alerts_at_once_wait_for_each_other(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    let mut rows = Vec::new();
    for at in 0..4 {
        rows.push(add(&now, Reach::Email, &format!("r{at}@example.com"), AlertKind::ALL).await);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (at, row) in rows.into_iter().enumerate() {
        let (now, pool) = (now.clone(), pool.clone());
        tasks.spawn(async move {
            for round in 0..20 {
                let paused = Some((at + round) % 2 == 0);
                now.change(
                    &ann(),
                    row.id,
                    RecipientChange { paused, ..RecipientChange::default() },
                )
                .await
                .unwrap();
                for kind in [AlertKind::FraudReport, AlertKind::SetUpChange] {
                    raise_at(&pool, 0, &Alert { kind, ..report("ana") }).await;
                }
                now.step().await.unwrap();
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("there is no deadlock");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn only_what_is_over_is_sent_again(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    let row = add_mail(&now, "ops@example.com").await;
    raise_at(&pool, 0, &report("ana")).await;
    let message = log(&pool).await.remove(0);
    assert!(refused(now.resend(&ann(), message.id).await, "message").contains("already waiting"));
    drain(&now).await;
    now.resend(&ann(), message.id).await.unwrap();
    drain(&now).await;
    let pause = RecipientChange { paused: Some(true), ..RecipientChange::default() };
    now.change(&ann(), row.id, pause).await.unwrap();
    assert!(refused(now.resend(&ann(), message.id).await, "message").contains("Resume it"));
    now.remove(&ann(), row.id).await.unwrap();
    assert!(refused(now.resend(&ann(), message.id).await, "message").contains("removed"));
    assert!(matches!(now.resend(&ann(), uuid::Uuid::nil()).await, Err(RecipientError::Missing)));
    assert_eq!(log(&pool).await[0].attempts, 2);
}
