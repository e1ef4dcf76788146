//! Mail through a real SMTP server.

use super::smtp::{Mail, Manners, Smtp, certificate};
use super::*;
use domain::notify::{MessageState, SmtpTls};
use sqlx::PgPool;

/// Sends one report to one recipient through a server; returns the received mails and the log.
async fn send(pool: &PgPool, smtp: &Smtp, options: Options) -> (Vec<Mail>, Message) {
    let now = notifier(pool, 0, &options);
    add_mail(&now, "ops@example.com").await;
    raise_at(pool, 0, &report("ana@example.com")).await;
    drain(&now).await;
    (smtp.mails(), log(pool).await.remove(0))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_mail_arrives_whole(pool: PgPool) {
    let smtp = Smtp::start(Manners::default()).await;
    let (mails, message) =
        send(&pool, &smtp, Options { smtp: Some(smtp.url()), ..options() }).await;
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(
        (mail.from.as_str(), mail.to.as_str()),
        ("MAIL FROM:<tollwarden@example.com>", "RCPT TO:<ops@example.com>")
    );
    let header = |name: &str| mail.header(name).unwrap_or_default();
    assert_eq!(header("subject"), "Fraud report: ana@example.com");
    assert_eq!(header("from"), "Tollwarden <tollwarden@example.com>");
    assert_eq!(header("to"), "ops@example.com");
    assert_eq!(header("date"), "Fri, 20 Nov 2026 12:00:00 +0000");
    assert_eq!(header("message-id"), format!("<{}@example.com>", message.id.simple()));
    assert_eq!(header("auto-submitted"), "auto-generated");
    let stop = header("list-unsubscribe");
    assert!(stop.starts_with("<https://t.example.com/stop/") && stop.ends_with('>'), "{stop}");
    assert_eq!(header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
    let text = mail.text();
    assert!(text.contains("View: https://t.example.com/fraud-alerts?report=1"), "{text}");
    assert!(text.contains("<a href=\"https://t.example.com/fraud-alerts?report=1\""), "{text}");
    assert!(text.contains("ann@example.com added it to the recipients"), "{text}");

    assert_eq!((message.state, message.attempts), (MessageState::Sent, 1));
    assert_eq!(answers(&pool, &message).await, [(true, "250 2.0.0 taken as 4711".to_owned())]);
    let body = message.body.unwrap();
    assert!(body.starts_with("ana@example.com reported a sign-in."), "{body}");
    assert!(body.contains("https://t.example.com/stop/…"), "the log contains no stop link: {body}");

    // The second mail no longer says who added the recipient.
    raise_at(&pool, 100, &report("bob")).await;
    drain(&notifier(&pool, 100, &Options { smtp: Some(smtp.url()), ..options() })).await;
    let second = smtp.mails().remove(1).text();
    assert!(!second.contains("added it") && second.contains("/stop/"), "{second}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn without_a_public_url_a_mail_has_paths(pool: PgPool) {
    let smtp = Smtp::start(Manners::default()).await;
    let options = Options { smtp: Some(smtp.url()), public_url: None, ..options() };
    let (mails, _) = send(&pool, &smtp, options).await;
    assert!(mails[0].text().contains("View in the console: /fraud-alerts?report=1"));
    assert_eq!(mails[0].header("list-unsubscribe"), None);
}

/// A server with one kind of TLS that requires a password with one mechanism.
async fn secure(pool: PgPool, way: SmtpTls, mechanism: &'static str) {
    let (der, config) = certificate();
    let manners = Manners {
        tls: Some((way, config)),
        login: Some(("me", "p@ss word", mechanism)),
        ..Manners::default()
    };
    let smtp = Smtp::start(manners).await;
    let url = match way {
        SmtpTls::Whole => format!("smtps://me:p%40ss%20word@localhost:{}", smtp.port),
        _ => format!("smtp://me:p%40ss%20word@localhost:{}?tls=required", smtp.port),
    };
    let trusting = Options { smtp: Some(url.parse().unwrap()), trust: vec![der], ..options() };
    let (mails, message) = send(&pool, &smtp, trusting.clone()).await;
    assert_eq!(message.state, MessageState::Sent, "{:?}", message.answer);
    assert!(mails[0].tls);
    assert_eq!(mails[0].login, Some(("me".to_owned(), mechanism.to_owned())));

    // If the certificate is not trusted, nothing is sent, not even the password.
    raise_at(&pool, 100, &report("bob")).await;
    drain(&notifier(&pool, 100, &Options { trust: Vec::new(), ..trusting.clone() })).await;
    let refused = log(&pool).await.remove(1);
    assert_eq!(refused.state, MessageState::Waiting);
    let answer = refused.answer.unwrap();
    assert!(answer.to_lowercase().contains("certificate"), "{answer}");
    assert_eq!(smtp.mails().len(), 1);

    // A wrong password is reported in the server's words, and never shown.
    let wrong = url.replace("p%40ss", "wrong").parse().unwrap();
    drain(&notifier(&pool, 200, &Options { smtp: Some(wrong), ..trusting })).await;
    let answer = log(&pool).await.remove(1).answer.unwrap();
    assert!(answer.contains("535") && answer.contains("5.7.8 wrong password"), "{answer}");
    assert!(!answer.contains("word@") && !answer.contains("wrong word"), "{answer}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn tls_with_plain(pool: PgPool) {
    secure(pool, SmtpTls::Whole, "PLAIN").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn starttls_with_login(pool: PgPool) {
    secure(pool, SmtpTls::Start, "LOGIN").await;
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_server_without_starttls_gets_nothing(pool: PgPool) {
    let login = Some(("me", "secret", "PLAIN"));
    let smtp = Smtp::start(Manners { login, ..Manners::default() }).await;
    let url = format!("smtp://me:secret@localhost:{}?tls=required", smtp.port).parse().unwrap();
    let (mails, message) = send(&pool, &smtp, Options { smtp: Some(url), ..options() }).await;
    assert!(mails.is_empty());
    assert_eq!(message.state, MessageState::Waiting);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nonsense_is_told_and_loses_nothing(pool: PgPool) {
    let garbage =
        ["\u{1}\u{2}\u{3} no greeting at all", "999 what", "HTTP/1.1 400 Bad Request", "220", ""];
    let first = Smtp::start(Manners { greeting: Some(garbage[0]), ..Manners::default() }).await;
    let quick = Options { mail_timeout: Duration::from_millis(500), ..options() };
    let (_, message) =
        send(&pool, &first, Options { smtp: Some(first.url()), ..quick.clone() }).await;
    assert_eq!(message.state, MessageState::Waiting);
    for (round, greeting) in garbage.into_iter().enumerate().skip(1) {
        let smtp = Smtp::start(Manners { greeting: Some(greeting), ..Manners::default() }).await;
        let seconds = i64::try_from(round).unwrap() * 7_200;
        drain(&notifier(&pool, seconds, &Options { smtp: Some(smtp.url()), ..quick.clone() }))
            .await;
    }
    let silent = Smtp::start(Manners { silent: true, ..Manners::default() }).await;
    drain(&notifier(&pool, 40_000, &Options { smtp: Some(silent.url()), ..quick.clone() })).await;
    let message = log(&pool).await.remove(0);
    let tried = answers(&pool, &message).await;
    let refused = tried.iter().filter(|(ok, answer)| !ok && !answer.is_empty()).count();
    assert!(refused >= 5 && message.attempts == 6, "{tried:?}");
    assert!(tried.iter().all(|(_, answer)| !answer.contains(char::is_control)), "{tried:?}");

    if message.state == MessageState::Waiting {
        let smtp = Smtp::start(Manners::default()).await;
        drain(&notifier(&pool, 50_000, &Options { smtp: Some(smtp.url()), ..quick })).await;
        assert_eq!(smtp.mails().len(), 1, "it arrives once the server is back");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn no_user_writes_a_header(pool: PgPool) {
    let smtp = Smtp::start(Manners::default()).await;
    let now = notifier(&pool, 0, &Options { smtp: Some(smtp.url()), ..options() });
    add_mail(&now, "ops@example.com").await;
    let evil = "ana\r\nBcc: spy@evil.example\r\n\r\n.\r\n<b>x</b> +14155550100";
    raise_at(&pool, 0, &Alert { line: evil.into(), ..report(evil) }).await;
    drain(&now).await;
    let mail = smtp.mails().remove(0);
    assert_eq!(mail.header("bcc"), None);
    assert_eq!(mail.to, "RCPT TO:<ops@example.com>");
    let subject = mail.header("subject").unwrap();
    assert!(subject.starts_with("Fraud report: ana Bcc: spy@evil.example"), "{subject}");
    let text = mail.text();
    assert!(text.contains("&lt;b&gt;x&lt;/b&gt;"), "{text}");
    assert!(!text.contains("4155550100"), "an unmasked number was sent");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn without_a_server_a_mail_is_kept_to_be_read(pool: PgPool) {
    let now = notifier(&pool, 0, &options());
    add_mail(&now, "ops@example.com").await;
    raise_at(&pool, 0, &report("ana")).await;
    drain(&now).await;
    let kept = log(&pool).await.remove(0);
    assert_eq!((kept.state, kept.sent), (MessageState::Kept, None));
    assert!(kept.answer.unwrap().contains("No mail server is set up"));
    assert!(kept.body.unwrap().contains("ana reported a sign-in."));

    // Once there is a server, the mail can be sent.
    let smtp = Smtp::start(Manners::default()).await;
    let later = notifier(&pool, 500, &Options { smtp: Some(smtp.url()), ..options() });
    later.resend(&ann(), kept.id).await.unwrap();
    drain(&later).await;
    assert_eq!(smtp.mails().len(), 1);
    assert_eq!(log(&pool).await[0].state, MessageState::Sent);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_report_reaches_the_server_within_a_second(pool: PgPool) {
    let smtp = Smtp::start(Manners::default()).await;
    let db = Db::new(pool.clone(), Clock::system());
    let now = Notifier::with(db, Options { smtp: Some(smtp.url()), ..options() }).unwrap();
    add_mail(&now, "ops@example.com").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let (worker, token) = (now.clone(), stop.clone());
    let work = tokio::spawn(async move { worker.work(&token).await });
    let begun = std::time::Instant::now();
    let mut tx = pool.begin().await.unwrap();
    raise(&mut tx, Clock::system().now(), &report("ana")).await.unwrap();
    tx.commit().await.unwrap();
    while smtp.mails().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        tokio::task::yield_now().await;
    }
    // Other tests use the same cores; alone it takes about a tenth of this.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    stop.cancel();
    work.await.unwrap();
}
