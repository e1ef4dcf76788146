//! Alerts, from raising them to delivery through a mail server and a webhook that the tests start.
//! Nothing sleeps: the store's clock sets the time, and tests call the worker's steps.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

mod fold;
mod hook;
mod mail;
mod recipients;
mod retry;
mod smtp;
mod webhooks;

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::By;
use domain::notify::{Alert, AlertKind, NewRecipient, Reach};
use engine::notify::{Notifier, Options, raise};
use engine::work::Progress;
use sqlx::PgPool;
use std::time::Duration;
use store::outbox::{Filter, Message};
use store::recipients::Row;
use store::{Clock, Db};

/// A noon plus `seconds`.
fn at(seconds: i64) -> DateTime<Utc> {
    let noon = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    noon + TimeDelta::seconds(seconds)
}

fn db(pool: &PgPool, seconds: i64) -> Db {
    Db::new(pool.clone(), Clock::fixed(at(seconds)))
}

/// Options for most tests: links, loopback allowed, short timeouts.
fn options() -> Options {
    Options {
        public_url: Some("https://t.example.com".into()),
        webhook_allow: vec!["127.0.0.0/8".parse().unwrap()],
        timeout: Duration::from_secs(5),
        from: Some("Tollwarden <tollwarden@example.com>".parse().unwrap()),
        ..Options::default()
    }
}

fn notifier(pool: &PgPool, seconds: i64, options: &Options) -> Notifier {
    Notifier::with(db(pool, seconds), options.clone()).unwrap()
}

fn ann() -> By {
    By::account("ann@example.com", [192, 0, 2, 1].into())
}

async fn add(notifier: &Notifier, kind: Reach, address: &str, events: &[AlertKind]) -> Row {
    let new = NewRecipient { kind, address: address.to_owned(), events: Some(events.to_vec()) };
    notifier.add(&ann(), new).await.unwrap().0
}

async fn add_mail(notifier: &Notifier, address: &str) -> Row {
    add(notifier, Reach::Email, address, &[AlertKind::FraudReport]).await
}

fn report(user: &str) -> Alert {
    let line = format!("{user} reported a sign-in.");
    Alert::of_user(AlertKind::FraudReport, user, line, "/fraud-alerts?report=1".into())
}

async fn raise_at(pool: &PgPool, seconds: i64, alert: &Alert) {
    let mut tx = pool.begin().await.unwrap();
    raise(&mut tx, at(seconds), alert).await.unwrap();
    tx.commit().await.unwrap();
}

/// Sends until nothing is due.
async fn drain(notifier: &Notifier) -> usize {
    let mut steps = 0;
    while notifier.step().await.unwrap() == Progress::Worked {
        steps += 1;
        assert!(steps < 100, "the outbox never empties");
    }
    steps
}

/// The delivery log, oldest first.
async fn log(pool: &PgPool) -> Vec<Message> {
    let mut log = store::outbox::list(pool, Filter::default(), None, 1_000).await.unwrap();
    log.reverse();
    log
}

async fn answers(pool: &PgPool, message: &Message) -> Vec<(bool, String)> {
    let attempts = store::outbox::attempts(pool, message.id).await.unwrap();
    attempts.into_iter().map(|attempt| (attempt.ok, attempt.answer)).collect()
}
