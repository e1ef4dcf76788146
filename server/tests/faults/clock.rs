//! The clock of the server and its Postgres is set ahead and back; and a day on which neither the
//! mail server nor a webhook answers.
//!
//! Debian's libfaketime intercepts the processes' clock and reads the offset from a file. The
//! monotonic clock stays as it is, as it does when a real clock is set.

use super::desk::{DataDirectory, Server, WELL_WITHIN};
use super::load::{Import, Load};
use super::others::Receiver;
use super::{check, extent};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Fraud reports to notify recipients of.
const REPORTS: i64 = 20;

/// A clock that can be set.
struct Clock<'a> {
    desk: &'a DataDirectory,
    library: PathBuf,
}

impl<'a> Clock<'a> {
    /// `None`, with a message, if the library is not installed: `make faults` installs it.
    fn of(desk: &'a DataDirectory, what: &str) -> Option<Self> {
        let library = format!("/usr/lib/{}-linux-gnu/faketime", std::env::consts::ARCH);
        let library = PathBuf::from(library).join("libfaketime.so.1");
        if !library.exists() {
            println!("fault: {what}: NOT TRIED, Debian's package libfaketime is missing");
            return None;
        }
        let clock = Self { desk, library };
        clock.set(0);
        Some(clock)
    }

    /// Sets the offset to the real clock, in hours.
    fn set(&self, hours: i32) {
        let (file, new) = (self.desk.path("clock"), self.desk.path("clock.new"));
        std::fs::write(&new, format!("{hours:+}h\n")).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    fn serve(&self, more: &[(&str, &str)]) -> Server {
        let file = self.desk.path("clock");
        let file = file.to_str().unwrap();
        let mut with = vec![
            ("LD_PRELOAD", self.library.to_str().unwrap()),
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ];
        with.extend(more);
        self.desk.serve_with(&with)
    }
}

#[test]
fn ahead_and_back() {
    let desk = DataDirectory::new();
    let Some(clock) = Clock::of(&desk, "clock an hour ahead and back") else { return };
    let server = clock.serve(&[]);
    server.wait_ready();
    let load = Load::start(&desk, &server);
    for round in 0..extent().rounds {
        let import = Import::start(&desk, round);
        for hours in [1, 0, -1, 0] {
            std::thread::sleep(Duration::from_millis(700));
            clock.set(hours);
        }
        std::thread::sleep(Duration::from_millis(700));
        server.wait_ready();
        import.finish(&desk);
    }
    let told = load.stop();
    println!("{}", told.row("clock an hour ahead and back", extent().rounds));
    assert!(told.from_memory.is_empty(), "the store was there all the time");
    check::all(&desk, &server, &told);
}

/// Messages are tried all day, leave when the other side is back, and arrive once.
#[test]
fn a_day_without_mail_and_webhooks() {
    let desk = DataDirectory::new();
    let Some(clock) = Clock::of(&desk, "mail and webhook down for a day") else { return };
    let (mails, webhook) = (Receiver::mail(), Receiver::webhook());
    let smtp = format!("smtp://127.0.0.1:{}", mails.port);
    let server =
        clock.serve(&[("TOLLWARDEN_SMTP_URL", &smtp), ("TOLLWARDEN_WEBHOOK_ALLOW", "127.0.0.0/8")]);
    server.wait_ready();
    let hook = format!("http://127.0.0.1:{}/", webhook.port);
    for (kind, address) in [("email", "soc@example.com"), ("webhook", &hook)] {
        let new = json!({ "kind": kind, "address": address, "events": ["fraud_report"] });
        assert_eq!(desk.post(&server, "/api/v1/recipients", &new).0, 201);
    }
    for n in 0..REPORTS {
        let report = json!({ "id": format!("d-{n}"), "user": format!("u{n}@example.com"), "channel": "push" });
        assert_eq!(desk.post(&server, "/api/v1/fraud-reports", &report).0, 201);
    }
    for hours in 1..=23 {
        clock.set(hours);
        std::thread::sleep(Duration::from_millis(300));
    }
    server.wait_ready();
    mails.open();
    webhook.open();
    // The next try is due at the latest after as much time as before the last one.
    clock.set(32);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let cluster = desk.cluster().await;
        let pool = sqlx::PgPool::connect(cluster.url()).await.unwrap();
        let begun = Instant::now();
        // While a message waits, further reports are added to it.
        let sql = "select state, count(*), sum(count)::bigint from outbox
                   where alert = 'fraud_report' group by state";
        let all = loop {
            let all: Vec<(String, i64, i64)> = sqlx::query_as(sql).fetch_all(&pool).await.unwrap();
            if matches!(&all[..], [(state, ..)] if state == "sent") {
                break all;
            }
            assert!(begun.elapsed() < WELL_WITHIN, "{all:?}: {}", server.log_text());
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        assert_eq!(all[0].2, 2 * REPORTS, "what the messages tell of");
        let came: Vec<String> = mails.ids().into_iter().chain(webhook.ids()).collect();
        assert_eq!(i64::try_from(came.len()).unwrap(), all[0].1, "some came twice: {came:?}");
        println!(
            "fault: mail and webhook down for a day: {REPORTS} reports told to two recipients in \
             {} messages, each of which came once",
            came.len(),
        );
        pool.close().await;
        cluster.leave().await.unwrap();
    });
}
