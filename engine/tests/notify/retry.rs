//! Refused messages are tried again for a day, then reported to the other recipients.

use super::hook::{Hook, Reply};
use super::smtp::{Manners, Smtp};
use super::*;
use domain::notify::MessageState;
use sqlx::PgPool;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_refusal_that_passes(pool: PgPool) {
    let to_recipients = vec!["451 4.7.1 greylisted, come back", "550 5.1.1 no such user"];
    let smtp = Smtp::start(Manners { to_recipients, ..Manners::default() }).await;
    let options = Options { smtp: Some(smtp.url()), ..options() };
    let now = async |seconds| notifier(&pool, seconds, &options);
    add_mail(&now(0).await, "ops@example.com").await;
    raise_at(&pool, 0, &report("ana")).await;
    assert_eq!(drain(&now(0).await).await, 1);
    let message = log(&pool).await.remove(0);
    assert_eq!((message.state, message.due), (MessageState::Waiting, at(10)));
    assert_eq!(drain(&now(9).await).await, 0, "not before its time");
    assert_eq!(drain(&now(10).await).await, 1);
    assert_eq!(log(&pool).await[0].due, at(40), "the wait grows");
    assert_eq!(drain(&now(40).await).await, 1);
    let message = log(&pool).await.remove(0);
    assert_eq!((message.state, message.attempts), (MessageState::Sent, 3));
    let tried = answers(&pool, &message).await;
    assert_eq!(tried[0], (false, "451 4.7.1 greylisted, come back".to_owned()));
    assert_eq!(tried[1], (false, "550 5.1.1 no such user".to_owned()));
    assert!(tried[2].0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn given_up_after_a_day_and_told_to_the_others(pool: PgPool) {
    let hook = Hook::start(Vec::new(), None).await;
    let smtp = Smtp::start(Manners { greeting: Some("554 go away"), ..Manners::default() }).await;
    let options = Options { smtp: Some(smtp.url()), ..options() };
    let now = |seconds| notifier(&pool, seconds, &options);
    let kinds = [AlertKind::FraudReport, AlertKind::DeliveryTrouble];
    add(&now(0), Reach::Email, "ops@example.com", &kinds).await;
    raise_at(&pool, 0, &report("ana")).await;
    add(&now(0), Reach::Webhook, &hook.url(), &[AlertKind::DeliveryTrouble]).await;

    let mut seconds = 0;
    for _ in 0..100 {
        drain(&now(seconds)).await;
        let message = log(&pool).await.into_iter().find(|m| m.alert == "fraud_report").unwrap();
        if message.state == MessageState::Failed {
            break;
        }
        seconds = (message.due - at(0)).num_seconds();
    }
    assert_eq!(seconds, 24 * 3_600, "the last try is a day after the first");
    drain(&now(seconds)).await;
    let failed = log(&pool).await.into_iter().find(|m| m.alert == "fraud_report").unwrap();
    assert!(failed.answer.as_deref().unwrap().contains("go away"), "{:?}", failed.answer);
    let asked = hook.asked();
    assert_eq!(asked.len(), 1, "the others are notified once");
    assert!(asked[0].body.contains("\"delivery_trouble\""), "{}", asked[0].body);
    assert!(asked[0].body.contains("ops@example.com could not be delivered"), "{}", asked[0].body);
    assert!(asked[0].body.contains(&format!("/notifications?message={}", failed.id)));
    assert_eq!(log(&pool).await.len(), 2, "and not the one it is about");

    // A manual resend starts another day of tries.
    now(100_000).resend(&ann(), failed.id).await.unwrap();
    drain(&now(100_000)).await;
    let again = store::outbox::by_id(&pool, failed.id).await.unwrap().unwrap();
    assert_eq!((again.state, again.due), (MessageState::Waiting, at(100_010)));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn two_in_trouble_do_not_tell_of_each_other_for_ever(pool: PgPool) {
    let fail = || vec![Reply::of("500 Internal Server Error", "no"); 500];
    let (one, two) = (Hook::start(fail(), None).await, Hook::start(fail(), None).await);
    let now = |seconds| notifier(&pool, seconds, &options());
    for hook in [&one, &two] {
        add(&now(0), Reach::Webhook, &hook.url(), &[AlertKind::DeliveryTrouble]).await;
    }
    raise_at(&pool, 0, &Alert { kind: AlertKind::DeliveryTrouble, ..report("x") }).await;
    for hours in 0..100 {
        drain(&now(hours * 3_600)).await;
    }
    let log = log(&pool).await;
    assert_eq!(log.len(), 2);
    assert!(log.iter().all(|message| message.state == MessageState::Failed));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_a_worker_lost_is_sent_by_the_next(pool: PgPool) {
    let hook = Hook::start(Vec::new(), None).await;
    let now = |seconds| notifier(&pool, seconds, &options());
    add(&now(0), Reach::Webhook, &hook.url(), &[AlertKind::FraudReport]).await;
    raise_at(&pool, 0, &report("ana")).await;
    // A worker claims it and disappears.
    let claim = store::outbox::claim(&pool, Reach::Webhook, at(0), at(90)).await.unwrap();
    assert!(claim.is_some());
    assert_eq!(drain(&now(89)).await, 0, "it is another's");
    assert_eq!(drain(&now(90)).await, 1);
    assert_eq!(hook.asked().len(), 1);
    assert_eq!(log(&pool).await[0].state, MessageState::Sent);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_slow_recipient_holds_nobody_up(pool: PgPool) {
    let slow = Hook::start(vec![Reply::Stall; 10], None).await;
    let quick = Hook::start(Vec::new(), None).await;
    let options = Options { timeout: Duration::from_millis(200), ..options() };
    let now = |seconds| notifier(&pool, seconds, &options);
    let kinds = [AlertKind::FraudReport, AlertKind::Block, AlertKind::Breaker];
    add(&now(0), Reach::Webhook, &slow.url(), &kinds).await;
    for kind in kinds {
        raise_at(&pool, 0, &Alert { kind, ..report("ana") }).await;
    }
    add(&now(1), Reach::Webhook, &quick.url(), &kinds).await;
    raise_at(&pool, 100, &report("bob")).await;
    // While one message to the slow recipient is being sent, its other messages wait.
    let claim =
        store::outbox::claim(&pool, Reach::Webhook, at(100), at(190)).await.unwrap().unwrap();
    let next =
        store::outbox::claim(&pool, Reach::Webhook, at(100), at(190)).await.unwrap().unwrap();
    assert_ne!(claim.recipient, next.recipient);
    let none = store::outbox::claim(&pool, Reach::Webhook, at(100), at(190)).await.unwrap();
    assert_eq!(none, None);
}
