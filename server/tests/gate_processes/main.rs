//! The gate in real processes, over HTTP, on a real Postgres: two servers on one store, one of
//! them killed midway, and one whose Postgres goes away (contract, section 4); and what one takes in
//! as the windows of the other hear it. Needs the site (`make build`), as `serve` does.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it measured"
)]

#[path = "../process/mod.rs"]
mod process;

mod costs;
mod live;
mod number_data;
mod proxy;

use domain::audit::By;
use domain::keys::{KeyName, Marks, Rate};
use domain::roles::Scope;
use engine::keys::NewKey;
use process::client::{Client, ClientAnswer};
use process::server::Server;
use proxy::{Mode, Proxy};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::{Clock, Db};
use uuid::Uuid;

/// The time limit for answers that the gate owes within some time: the machine may be busy with
/// other tests.
const BUSY: Duration = Duration::from_secs(2);
/// The time limit for what has no promised time.
const SOON: Duration = Duration::from_secs(20);

/// A key that may do what these tests do.
async fn key(pool: &PgPool) -> String {
    key_of(pool, vec![Scope::DecisionsWrite, Scope::Admin, Scope::Read]).await
}

async fn key_of(pool: &PgPool, scopes: Vec<Scope>) -> String {
    let name = KeyName::parse("app").unwrap();
    let new = NewKey { marks: Marks::IMPORT, rate: Rate::MAX, ..NewKey::new(name, scopes) };
    let db = Db::new(pool.clone(), Clock::system());
    engine::keys::create(&db, &By::command(), new).await.unwrap().reveal()
}

/// Repeats a check until it is true; how long that took.
fn until(what: &str, within: Duration, mut so: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < within, "{what}: not within {within:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
    begun.elapsed()
}

/// A number of the United States or Canada, each in another block of numbers.
fn phone(area: &str, number: usize) -> String {
    format!("+1{area}{}0100", 500 + number % 300)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// How many of these decisions the store has, each with its event.
async fn written(pool: &PgPool, ids: &[Uuid]) -> usize {
    let rows: Vec<Uuid> = sqlx::query_scalar(
        "select decision.id from decision join event on event.key = decision.event
         where event.source = 'gate' and decision.id = any($1)",
    )
    .bind(ids)
    .fetch_all(pool)
    .await
    .unwrap();
    assert_eq!(rows.iter().collect::<HashSet<_>>().len(), rows.len(), "each is there once");
    rows.len()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn two_servers_see_each_other_and_one_is_killed(pool: PgPool) {
    let key = key(&pool).await;
    let url = proxy::url(&pool, None);
    let (mut a, b) = (Server::start(&url), Server::start(&url));
    let (on_a, on_b) = (a.client(&key), b.client(&key));

    // On one server limits are exact, however many ask at once.
    let verdicts: Vec<Value> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..40).map(|_| scope.spawn(|| on_a.decide("+14155550100"))).collect();
        asked.into_iter().map(|asked| asked.join().unwrap().json["verdict"].clone()).collect()
    });
    let of = |verdict: &str| verdicts.iter().filter(|other| **other == verdict).count();
    assert_eq!((of("allow"), of("delay")), (5, 35), "{verdicts:?}");

    // What one allowed, the other counts.
    let mut seen = Vec::new();
    for number in 0..11 {
        let phone = phone("415", number);
        for _ in 0..5 {
            assert_eq!(on_a.decide(&phone).json["verdict"], "allow");
        }
        seen.push(until("sends of another server", BUSY, || {
            on_b.dry_run(&phone, None).json["verdict"] == "delay"
        }));
    }
    println!("sends seen by the other server: median {:?}, {seen:?}", median(seen.clone()));
    assert!(median(seen.clone()) <= Duration::from_millis(200), "{seen:?}");

    // What one blocked, the other refuses; the one itself at once.
    let mut held = Vec::new();
    for number in 0..5 {
        let phone = phone("416", number);
        let block = json!({ "kind": "number", "value": phone, "reason": "fraud" });
        assert_eq!(on_a.post("/api/v1/blocks", &block).status, 201);
        held.push(until("a block of another server", BUSY, || {
            on_b.decide(&phone).codes().contains(&"block_number".to_owned())
        }));
        assert_eq!(on_a.decide(&phone).codes()[0], "block_number");
    }
    println!("blocks held by the other server: median {:?}, {held:?}", median(held.clone()));
    assert!(median(held.clone()) <= Duration::from_secs(1), "{held:?}");

    // The same for an address, by the network around it.
    let network = json!({ "kind": "ip_network", "value": "198.51.100.7/24", "reason": "fraud" });
    assert_eq!(on_a.post("/api/v1/blocks", &network).status, 201);
    let from = json!({ "phone": phone("416", 9), "channel": "sms", "ip": "198.51.100.200" });
    let ask = |client: &Client| client.post("/api/v1/decisions", &from).codes();
    // Limits are told beside it: this asks often.
    let took = until("a blocked network of another server", BUSY, || {
        ask(&on_b).contains(&"block_ip".into())
    });
    assert_eq!(ask(&on_a)[0], "block_ip");
    assert!(took <= Duration::from_secs(1), "{took:?}");

    // One is killed while both are asked: what was answered is in the store, the other goes on.
    let (ended, of_a, of_b) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let one_of = |number: usize| phone("417", number % 12);
    let ids: Vec<Uuid> = std::thread::scope(|scope| {
        let ask = |client: Client, count: &'static str| {
            let (counted, ended) = (if count == "a" { &of_a } else { &of_b }, &ended);
            scope.spawn(move || {
                let mut ids = Vec::new();
                while !ended.load(Ordering::Relaxed) {
                    let number = counted.fetch_add(1, Ordering::Relaxed);
                    match client.try_decide(&one_of(number)) {
                        Ok(answer) => ids.push(answer.id()),
                        Err(error) => {
                            assert_eq!(count, "a", "nobody killed it: {error}");
                            break;
                        }
                    }
                }
                ids
            })
        };
        let asking: Vec<_> =
            (0..4).flat_map(|_| [ask(on_a.clone(), "a"), ask(on_b.clone(), "b")]).collect();
        until("decisions of both", SOON, || {
            of_a.load(Ordering::Relaxed) >= 150 && of_b.load(Ordering::Relaxed) >= 150
        });
        a.kill();
        let before = of_b.load(Ordering::Relaxed);
        until("the other goes on", SOON, || of_b.load(Ordering::Relaxed) >= before + 100);
        ended.store(true, Ordering::Relaxed);
        asking.into_iter().flat_map(|asked| asked.join().unwrap()).collect()
    });
    assert!(ids.len() >= 350, "{}", ids.len());
    assert_eq!(written(&pool, &ids).await, ids.len(), "each answer was durable");

    // Started again, it counts what the other counts, and both what the store holds.
    a.restart();
    let on_a = a.client(&key);
    let at = Some(Clock::system().now());
    for number in 0..12 {
        let phone = one_of(number);
        let expected = on_a.dry_run(&phone, at);
        assert_eq!(expected.status, 200, "{}", expected.text);
        let mut other = Value::Null;
        until("the same answer", BUSY, || {
            other = on_b.dry_run(&phone, at).json;
            other == expected.json
        });
        let sql = "select count(*) from event where kind = 'requested' and phone = $1";
        let sent: i64 = sqlx::query_scalar(sql).bind(&phone).fetch_one(&pool).await.unwrap();
        assert!(sent >= 5, "{sent}");
        assert_eq!(other["reasons"][0]["observed"], sent + 1, "{other}");
    }
    assert_eq!(
        count(&pool, "select count(*) from decision").await,
        count(&pool, "select count(*) from event where source = 'gate'").await
    );
    drop((a, b));
    alone(&pool).await;
}

/// Waits until the servers' connections have ended, so that the database can be dropped.
async fn alone(pool: &PgPool) {
    let begun = Instant::now();
    let sql = "select count(*) from pg_stat_activity
         where datname = current_database() and application_name = 'tollwarden'";
    while count(pool, sql).await > 0 {
        assert!(begun.elapsed() < SOON, "connections stay");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Decisions while the store is away, and how long the longest took.
struct Outage {
    answers: Vec<ClientAnswer>,
    longest: Duration,
}

impl Outage {
    /// Asks for decisions for a while, at first some at once, then one after another.
    fn ask(client: &Client, area: &str, lasts: Duration) -> Self {
        let mut answers: Vec<ClientAnswer> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..8)
                .map(|number| scope.spawn(move || client.decide(&phone(area, number))))
                .collect();
            asked.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        let begun = Instant::now();
        while begun.elapsed() < lasts {
            answers.push(client.decide(&phone(area, answers.len())));
            std::thread::sleep(Duration::from_millis(40));
        }
        let longest = answers.iter().map(|answer| answer.took).max().unwrap();
        Self { answers, longest }
    }

    fn ids(&self) -> Vec<Uuid> {
        self.answers.iter().map(ClientAnswer::id).collect()
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_server_without_its_postgres_answers_and_writes_later(pool: PgPool) {
    let key = key(&pool).await;
    let proxy = Proxy::start(&pool);
    let server = Server::start(&proxy::url(&pool, Some(proxy.port())));
    let client = server.client(&key);
    let blocked = "+14155559999";
    let block = json!({ "kind": "number", "value": blocked, "reason": "fraud" });
    assert_eq!(client.post("/api/v1/blocks", &block).status, 201);
    assert_eq!(client.decide("+14155550100").codes(), [""; 0]);

    for (mode, setting, area) in [
        (Mode::Stall, "allow", "212"),
        (Mode::Cut, "allow", "213"),
        (Mode::Stall, "deny", "214"),
        (Mode::Cut, "deny", "215"),
    ] {
        let rules = json!({ "on_store_failure": setting });
        assert_eq!(client.put("/api/v1/settings/rules", &rules).status, 200);
        // Requests after a change are answered by it.
        assert_eq!(client.decide(&phone(area, 291)).codes(), [""; 0]);
        proxy.set(mode);
        // Longer than a connection that leads nowhere is waited for.
        let outage = Outage::ask(&client, area, Duration::from_millis(6_500));
        let text = format!("{mode:?}, {setting}");
        println!("{text}: {} answers, the longest {:?}", outage.answers.len(), outage.longest);
        assert!(outage.longest <= Duration::from_secs(1), "{text}: {:?}", outage.longest);
        for answer in &outage.answers {
            let verdict = if setting == "allow" { "allow" } else { "deny" };
            assert_eq!(answer.json["verdict"], verdict, "{text}: {}", answer.text);
            assert_eq!(answer.codes(), ["store_down"], "{text}");
        }
        let refused = client.decide(blocked);
        assert_eq!(
            (refused.json["verdict"].as_str(), refused.codes()),
            (Some("deny"), vec!["block_number".to_owned(), "store_down".to_owned()])
        );
        let ready = client.get("/readyz");
        assert_eq!(ready.status, 503, "{text}");
        assert!(ready.took <= BUSY, "{:?}", ready.took);
        assert_eq!(client.get("/healthz").status, 200);

        // When the store is back, the answers are written without a new request.
        let mut ids = outage.ids();
        ids.push(refused.id());
        proxy.set(Mode::Forward);
        let begun = Instant::now();
        until("ready again", SOON, || client.get("/readyz").status == 200);
        let ready = begun.elapsed();
        while written(&pool, &ids).await < ids.len() {
            assert!(begun.elapsed() < SOON, "{} of {}", written(&pool, &ids).await, ids.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        println!("{text}: ready after {ready:?}, all written after {:?}", begun.elapsed());
        assert_eq!(client.decide(&phone(area, 290)).codes(), [""; 0], "{text}");
        let (verdict, kind, reason) = match setting {
            "allow" => ("allow", "requested", None),
            _ => ("deny", "refused", Some("store_down")),
        };
        let as_said: i64 = sqlx::query_scalar(
            "select count(*) from decision join event on event.key = decision.event
             where decision.id = any($1) and decision.verdict = $2 and event.kind = $3
                 and event.reason is not distinct from $4
                 and decision.reasons->0->>'code' = 'store_down'",
        )
        .bind(&ids)
        .bind(verdict)
        .bind(kind)
        .bind(reason)
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(as_said, i64::try_from(ids.len() - 1).unwrap(), "{text}");
    }
    drop((server, proxy));
    alone(&pool).await;
}
