//! Clients under load, and the answers that they got.

use super::desk::{DataDirectory, Server};
use serde_json::{Value, json};
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The pause between two requests of a client, well under the rate of a key.
const PAUSE: Duration = Duration::from_millis(8);
/// Events in a batch.
const BATCH: u32 = 20;
/// Events in the file that is imported meanwhile.
pub const IMPORTED: usize = 3_000;

/// What was acknowledged.
#[derive(Debug, Default)]
pub struct Acknowledged {
    /// Ids of events.
    pub events: Vec<String>,
    /// Ids of decisions that the store had when they were answered.
    pub decisions: Vec<String>,
    /// Ids of decisions that were answered from memory.
    pub from_memory: Vec<String>,
    /// The caller's ids of fraud reports.
    pub reports: Vec<String>,
    /// Reports that were read completely.
    pub exports: usize,
    /// The longest that a decision took to be answered.
    pub slowest: Duration,
}

impl Acknowledged {
    /// What `make faults` shows.
    pub fn row(&self, fault: &str, rounds: u32) -> String {
        format!(
            "fault: {fault} × {rounds}: acknowledged {} events, {} decisions, {} fraud reports; \
             {} decisions from memory; {} exports whole; slowest decision {} ms",
            self.events.len(),
            self.decisions.len(),
            self.reports.len(),
            self.from_memory.len(),
            self.exports,
            self.slowest.as_millis(),
        )
    }

    /// Adds what another server acknowledged.
    pub fn add(&mut self, other: Self) {
        self.events.extend(other.events);
        self.decisions.extend(other.decisions);
        self.reports.extend(other.reports);
        self.exports += other.exports;
        self.slowest = self.slowest.max(other.slowest);
    }
}

/// Clients at work on a server, until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    base: Arc<Mutex<String>>,
    told: Arc<Mutex<Acknowledged>>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// Sends events, decisions and fraud reports, and reads a report, over and over.
    pub fn start(desk: &DataDirectory, server: &Server) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let base = Arc::new(Mutex::new(server.base.clone()));
        let told = Arc::new(Mutex::new(Acknowledged::default()));
        let clients: [fn(&Client, u32); 4] =
            [Client::events, Client::decision, Client::fraud_report, Client::export];
        let clients = clients.map(|once| {
            let client = Client {
                agent: ureq::Agent::config_builder()
                    .timeout_global(Some(Duration::from_secs(20)))
                    .http_status_as_error(false)
                    .build()
                    .new_agent(),
                base: Arc::clone(&base),
                key: desk.key.clone(),
                told: Arc::clone(&told),
            };
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                while !stop.load(Ordering::Acquire) {
                    once(&client, next());
                    std::thread::sleep(PAUSE);
                }
            })
        });
        Self { stop, base, told, clients: clients.into() }
    }

    /// Goes on with another server.
    pub fn turn_to(&self, server: &Server) {
        self.base.lock().unwrap().clone_from(&server.base);
    }

    /// Waits for the requests under way.
    pub fn stop(self) -> Acknowledged {
        self.stop.store(true, Ordering::Release);
        for client in self.clients {
            client.join().unwrap();
        }
        std::mem::take(&mut self.told.lock().unwrap())
    }
}

/// Names of what is sent are never used twice.
fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

struct Client {
    agent: ureq::Agent,
    base: Arc<Mutex<String>>,
    key: String,
    told: Arc<Mutex<Acknowledged>>,
}

impl Client {
    /// Status and body; `None` without a complete answer.
    fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.base.lock().unwrap());
        let request = self.agent.post(url).header("authorization", format!("Bearer {}", self.key));
        let request = request.header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), serde_json::from_str(&text).ok()?))
    }

    fn events(&self, n: u32) {
        let ids: Vec<_> = (0..BATCH).map(|at| format!("e-{n}-{at}")).collect();
        let events: Vec<_> = ids
            .iter()
            .map(|id| {
                json!({
                    "id": id, "time": "2026-11-20T12:00:00Z", "kind": "failed", "channel": "sms",
                    "phone": format!("+4915{:08}", n % 1_000), "journey": format!("j-{n}"),
                    "ip": "198.51.100.7", "reason_text": "Invalid phone number",
                })
            })
            .collect();
        if let Some((200, answer)) = self.post("/api/v1/events", &json!(events)) {
            assert_eq!(answer["accepted"], BATCH, "{answer}");
            self.told.lock().unwrap().events.extend(ids);
        }
    }

    fn decision(&self, n: u32) {
        let begun = Instant::now();
        let question = json!({ "phone": format!("+4917{:08}", n), "channel": "sms" });
        let Some((200, answer)) = self.post("/api/v1/decisions", &question) else { return };
        let id = answer["id"].as_str().unwrap().to_owned();
        let away = answer["reasons"].to_string().contains("store_down");
        let mut told = self.told.lock().unwrap();
        told.slowest = told.slowest.max(begun.elapsed());
        if away { told.from_memory.push(id) } else { told.decisions.push(id) }
    }

    fn fraud_report(&self, n: u32) {
        let id = format!("r-{n}");
        let user = format!("user{n}@example.com");
        let report = json!({ "id": id, "user": user, "channel": "push" });
        if let Some((201, _)) = self.post("/api/v1/fraud-reports", &report) {
            self.told.lock().unwrap().reports.push(id);
        }
    }

    fn export(&self, _: u32) {
        let base = self.base.lock().unwrap().clone();
        let url = format!("{base}/api/v1/reports/attempts?from=2026-11-01T00:00:00Z&format=csv");
        let request = self.agent.get(url).header("authorization", format!("Bearer {}", self.key));
        let whole = request.call().ok().filter(|answer| answer.status() == 200);
        if whole.is_some_and(|mut answer| answer.body_mut().read_to_vec().is_ok()) {
            self.told.lock().unwrap().exports += 1;
        }
    }
}

/// An import under way.
pub struct Import {
    file: String,
    child: Child,
}

impl Import {
    /// Starts to import a file of simulated events.
    pub fn start(desk: &DataDirectory, seed: u32) -> Self {
        let (count, seed) = (IMPORTED.to_string(), seed.to_string());
        let made = desk.run(&[
            "simulate",
            "--events",
            &count,
            "--days",
            "3",
            "--seed",
            &seed,
            "--start",
            "2026-11-10T00:00:00Z",
        ]);
        let file = format!("import-{seed}.ndjson");
        std::fs::write(desk.path(&file), made.stdout).unwrap();
        let child = desk.command(&["import", &file]).spawn().unwrap();
        Self { file, child }
    }

    /// Waits for its end, and runs an interrupted import again, as its operator would.
    pub fn finish(self, desk: &DataDirectory) {
        let first = self.child.wait_with_output().unwrap();
        let done = if first.status.success() { first } else { desk.run(&["import", &self.file]) };
        let last = String::from_utf8(done.stdout).unwrap();
        let counts: Value = serde_json::from_str(last.lines().last().unwrap()).unwrap();
        let whole = counts["accepted"].as_u64().unwrap() + counts["duplicates"].as_u64().unwrap();
        assert_eq!(whole, IMPORTED as u64, "{counts}");
    }
}
