//! Figures of the gate: decisions a second over HTTP, each durable, beside the server's own
//! `/healthz` in the same minute; and what `decide` takes in a process of its own.

use crate::figures::Figures;
use crate::process::Server;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Connections at once (contract, section 10).
const CONNECTIONS: usize = 64;
/// How long each is measured: `/healthz` before and after, decisions between.
const HEALTH: Duration = Duration::from_secs(5);
const DECISIONS: Duration = Duration::from_secs(20);
/// Different numbers and addresses.
const NUMBERS: u64 = 100_000;
const ADDRESSES: u64 = 10_000;

/// A key for decisions, without a rate worth the name.
pub(crate) fn key(server: &Server, name: &str) -> String {
    let create = ["key", "create", "--name", name, "--scope", "decisions:write"];
    let key = server.command(&[&create[..], &["--rate", "100000"]].concat());
    key.trim().to_owned()
}

/// The n-th question, of one of many numbers and addresses.
pub(crate) fn asked(host: &str, key: &str, at: u64) -> String {
    let number = at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let address = (number / 7) % ADDRESSES;
    let body = format!(
        r#"{{"phone":"+4915112{:05}","channel":"sms","user":"user{at}@example.com","ip":"10.{}.{}.{}","flow":"sign-in","user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"}}"#,
        number % NUMBERS,
        address / 2_500,
        address / 10 % 250,
        address % 10 * 20,
    );
    format!(
        "POST /api/v1/decisions HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn decisions(server: &Server, figures: &mut Figures) {
    let key = key(server, "bench gate");
    let host = server.base.trim_start_matches("http://").to_owned();
    let health = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let before = run(&host, HEALTH, |_| health.clone());
    let decided = run(&host, DECISIONS, |at| asked(&host, &key, at));
    let after = run(&host, HEALTH, |_| health.clone());
    let health = f64::midpoint(before.per_second, after.per_second);
    let ratio = decided.per_second / health;
    figures.raw("/healthz at 64 connections, requests/s", "healthz_per_s", health);
    figures.raw(
        "decisions at 64 connections, each durable, /s",
        "decisions_per_s",
        decided.per_second,
    );
    figures.raw("of them not written within 250 ms", "decisions_store_down", decided.away as f64);
    figures.measure("decisions against /healthz", "decisions_vs_healthz", ratio, "≥ 0.30", |x| {
        x >= 0.3
    });
    figures.raw("decisions, median, ms", "decisions_median_ms", decided.median_ms);
    figures
        .measure("decisions, p99, ms", "decisions_p99_ms", decided.p99_ms, "≤ 10", |x| x <= 10.0);
}

/// What the ledger's own benchmark wrote, if it ran before this one.
pub(crate) fn ledger(figures: &mut Figures) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-ledger.json");
    let Ok(text) = std::fs::read_to_string(path) else { return };
    let Ok(found) = serde_json::from_str::<serde_json::Value>(&text) else { return };
    let figure = |name: &str| found[name].as_f64().unwrap_or(f64::NAN);
    figures.measure(
        "decide at 10 million ledger entries, median, µs",
        "decide_us",
        figure("decide_us_median"),
        "≤ 5",
        |x| x <= 5.0,
    );
    figures.measure(
        "that process' memory, MiB",
        "ledger_rss_mib",
        figure("rss_mib"),
        "≤ 1024",
        |x| x <= 1_024.0,
    );
}

struct Ran {
    away: u64,
    per_second: f64,
    median_ms: f64,
    p99_ms: f64,
}

/// Sends requests on kept connections for some time, each as soon as the one before is answered.
fn run(host: &str, time: Duration, request: impl Fn(u64) -> String + Sync) -> Ran {
    let next = AtomicU64::new(0);
    let started = Instant::now();
    let (mut times, away) = senders(host, CONNECTIONS, |connection| {
        let mut times = Vec::new();
        while started.elapsed() < time {
            let request = request(next.fetch_add(1, Relaxed));
            let sent = Instant::now();
            connection.send(&request);
            times.push(sent.elapsed());
        }
        times
    });
    let per_second = times.len() as f64 / started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |hundredths: usize| {
        let at = times.len() * hundredths / 100;
        times[at.min(times.len() - 1)].as_secs_f64() * 1e3
    };
    Ran { away, per_second, median_ms: at(50), p99_ms: at(99) }
}

/// Sends on several connections at once, each in a thread of its own: what all of `send` took, and
/// how many answers the store was too slow for.
pub(crate) fn senders(
    host: &str,
    connections: usize,
    send: impl Fn(&mut Connection) -> Vec<Duration> + Sync,
) -> (Vec<Duration>, u64) {
    let away = AtomicU64::new(0);
    let times = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Connection::open(host);
                    let times = send(&mut connection);
                    away.fetch_add(connection.away, Relaxed);
                    times
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    (times, away.into_inner())
}

/// HTTP/1.1 with no more than is needed, so that what is measured is the server.
pub(crate) struct Connection {
    write: TcpStream,
    read: BufReader<TcpStream>,
    body: Vec<u8>,
    /// Answers that the store was too slow for.
    pub(crate) away: u64,
}

impl Connection {
    pub(crate) fn open(host: &str) -> Self {
        let write = TcpStream::connect(host).unwrap();
        write.set_nodelay(true).unwrap();
        let read = BufReader::new(write.try_clone().unwrap());
        Self { write, read, body: Vec::new(), away: 0 }
    }

    pub(crate) fn send(&mut self, request: &str) {
        self.write.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.read.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        let mut length = 0;
        loop {
            line.clear();
            self.read.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            }
        }
        self.body.resize(length, 0);
        self.read.read_exact(&mut self.body).unwrap();
        self.away += u64::from(self.body.windows(10).any(|part| part == b"store_down"));
    }
}
