//! Webhooks to a real HTTP listener.

use super::hook::{Hook, ReceivedRequest, Reply};
use super::smtp::certificate;
use super::*;
use domain::notify::{MessageState, SigningSecret};
use engine::notify::RecipientError;
use sqlx::PgPool;
use standardwebhooks::Webhook;

async fn add_hook(notifier: &Notifier, url: &str) -> (Row, SigningSecret) {
    let events = Some(vec![AlertKind::FraudReport]);
    let new = NewRecipient { kind: Reach::Webhook, address: url.to_owned(), events };
    let (row, secret) = notifier.add(&ann(), new).await.unwrap();
    (row, secret.unwrap())
}

/// Checks the signature with the standard's own library.
fn holds(secret: &SigningSecret, asked: &ReceivedRequest) -> bool {
    let judge = Webhook::new(&secret.reveal()).unwrap();
    judge.verify(asked.body.as_bytes(), &asked.headers).is_ok()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_request_is_signed_as_the_standard_says(pool: PgPool) {
    let hook = Hook::start(vec![Reply::of("200 OK", "thank you")], None).await;
    // The library uses the machine's clock.
    let now = Notifier::with(Db::new(pool.clone(), Clock::system()), options()).unwrap();
    let (row, secret) = add_hook(&now, &hook.url()).await;
    let mut tx = pool.begin().await.unwrap();
    raise(&mut tx, Clock::system().now(), &report("ana")).await.unwrap();
    tx.commit().await.unwrap();
    drain(&now).await;

    let asked = hook.asked().remove(0);
    assert_eq!(asked.line, "POST /hook?a=b HTTP/1.1");
    assert_eq!(asked.headers["host"], format!("127.0.0.1:{}", hook.port));
    assert_eq!(asked.headers["content-type"], "application/json");
    assert!(holds(&secret, &asked));
    assert!(!holds(&SigningSecret::new([9; 32]), &asked));
    let mut forged = asked.clone();
    forged.body = forged.body.replace("ana", "bob");
    assert!(!holds(&secret, &forged));

    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body["type"], "fraud_report");
    assert_eq!(body["data"]["users"][0], "ana");
    assert_eq!(body["data"]["link"], "https://t.example.com/fraud-alerts?report=1");
    let message = log(&pool).await.remove(0);
    assert_eq!(answers(&pool, &message).await, [(true, "200 OK: thank you".to_owned())]);

    // After a rotation, both secrets sign for a day.
    let (_, newer) = now.rotate(&ann(), row.id).await.unwrap();
    assert_ne!(newer, secret);
    now.resend(&ann(), message.id).await.unwrap();
    drain(&now).await;
    let asked = hook.asked().remove(1);
    assert!(holds(&secret, &asked) && holds(&newer, &asked));
    let signatures = asked.headers["webhook-signature"].to_str().unwrap();
    assert_eq!(signatures.split(' ').count(), 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_day_after_another_came_a_secret_signs_no_more(pool: PgPool) {
    let hook = Hook::start(Vec::new(), None).await;
    let now = |seconds| notifier(&pool, seconds, &options());
    let (row, _) = add_hook(&now(0), &hook.url()).await;
    now(0).rotate(&ann(), row.id).await.unwrap();
    for seconds in [86_399, 86_500] {
        raise_at(&pool, seconds, &report("ana")).await;
        drain(&now(seconds)).await;
    }
    let count = |asked: &ReceivedRequest| {
        asked.headers["webhook-signature"].to_str().unwrap().split(' ').count()
    };
    assert_eq!(hook.asked().iter().map(count).collect::<Vec<_>>(), [2, 1]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn one_that_fails_stalls_and_recovers(pool: PgPool) {
    let replies = vec![
        Reply::of("503 Service Unavailable", "<h1>maintenance</h1>\r\n"),
        Reply::Stall,
        Reply::Say("this is no HTTP\r\n\r\n".into()),
        Reply::Say(String::new()),
        Reply::of("200 OK", ""),
    ];
    let hook = Hook::start(replies, None).await;
    let options = Options { timeout: Duration::from_millis(400), ..options() };
    let now = |seconds| notifier(&pool, seconds, &options);
    add_hook(&now(0), &hook.url()).await;
    raise_at(&pool, 0, &report("ana")).await;
    for round in 0..5 {
        drain(&now(round * 3_600)).await;
    }
    let message = log(&pool).await.remove(0);
    let tried = answers(&pool, &message).await;
    assert_eq!(tried[0].1, "503 Service Unavailable: <h1>maintenance</h1>");
    assert_eq!(tried[1].1, "No answer within 0.4 s.");
    assert!(tried[2].1.starts_with("The answer cannot be read"), "{tried:?}");
    assert!(tried[3].1.starts_with("The answer cannot be read"), "{tried:?}");
    assert_eq!(tried[4], (true, "200 OK".to_owned()));
    assert_eq!(message.state, MessageState::Sent);
    let ids: Vec<_> = hook.asked().iter().map(|a| a.headers["webhook-id"].clone()).collect();
    assert_eq!(ids.len(), 5);
    assert!(ids.iter().all(|id| *id == ids[0]), "the receiver can recognize a repetition");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn redirects_are_not_followed(pool: PgPool) {
    let inside = Hook::start(Vec::new(), None).await;
    let to = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        inside.url()
    );
    let hook = Hook::start(vec![Reply::Say(to)], None).await;
    let now = notifier(&pool, 0, &options());
    add_hook(&now, &hook.url()).await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&now).await;
    assert!(inside.asked().is_empty());
    let answer = log(&pool).await.remove(0).answer.unwrap();
    assert_eq!(answer, "307 Temporary Redirect. Redirects are not followed.");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_answer_without_end_is_not_read_to_its_end(pool: PgPool) {
    let hook = Hook::start(vec![Reply::Endless], None).await;
    let now = notifier(&pool, 0, &options());
    add_hook(&now, &hook.url()).await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&now).await;
    let message = log(&pool).await.remove(0);
    assert_eq!(message.state, MessageState::Sent);
    assert!(message.answer.unwrap().chars().count() < 600);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn names_and_addresses_inside_are_refused(pool: PgPool) {
    let hook = Hook::start(Vec::new(), None).await;
    let closed = Options { webhook_allow: Vec::new(), ..options() };
    let now = notifier(&pool, 0, &closed);
    for url in [
        format!("https://localhost:{}/", hook.port),
        hook.url(),
        "https://10.1.2.3/".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[::1]/".to_owned(),
        "https://[::ffff:127.0.0.1]/".to_owned(),
        "https://0x7f000001/".to_owned(),
        "https://2130706433/".to_owned(),
    ] {
        let new = NewRecipient { kind: Reach::Webhook, address: url.clone(), events: None };
        let Err(RecipientError::Invalid(invalid)) = now.add(&ann(), new).await else {
            panic!("{url} was taken");
        };
        let words = invalid.of("address").unwrap();
        assert!(words.contains("not on the public Internet"), "{url}: {words}");
    }

    // A webhook that was allowed when it was added, or whose name resolves differently since, is
    // refused on sending.
    add_hook(&notifier(&pool, 0, &options()), &hook.url()).await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&now).await;
    let message = log(&pool).await.remove(0);
    assert_eq!(message.state, MessageState::Waiting);
    assert!(message.answer.unwrap().contains("127.0.0.1, which is not on the public Internet"));
    assert!(hook.asked().is_empty(), "nothing reached it");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn over_tls_the_name_must_be_its_own(pool: PgPool) {
    let (der, config) = certificate();
    let hook = Hook::start(Vec::new(), Some(config)).await;
    let trusting = Options {
        trust: vec![der],
        webhook_allow: vec!["127.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
        ..options()
    };
    let now = notifier(&pool, 0, &trusting);
    add_hook(&now, &format!("https://localhost:{}/", hook.port)).await;
    add_hook(&now, &format!("https://127.0.0.1:{}/", hook.port)).await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&now).await;
    let mut states: Vec<_> =
        log(&pool).await.into_iter().map(|m| (m.address, m.state, m.answer.unwrap())).collect();
    states.sort();
    assert!(states[0].0.contains("127.0.0.1"));
    assert_eq!(states[0].1, MessageState::Waiting);
    assert!(states[0].2.starts_with("TLS: "), "{}", states[0].2);
    assert_eq!(states[1].1, MessageState::Sent, "{}", states[1].2);
    assert_eq!(hook.asked().len(), 1);
}
