//! What a request or an idle client may cost a server: bodies that unpack to millions of records,
//! thousands of idle connections, thousands of probes.

use super::proxy;
use super::{BUSY, key, key_of, phone};
use crate::process::server::Server;
use domain::roles::Scope;
use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sqlx::PgPool;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long an answer to a body may take. A release build needs milliseconds; the tests' build is
/// slower, and the machine busy with other tests.
const ANSWER: Duration = Duration::from_secs(2);
/// The most bytes of memory that a server may have used.
const PEAK: u64 = 300 << 20;
/// Idle clients.
const SILENT: usize = 10_000;

fn packed(text: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

/// A status, and how long it took.
fn send(at: &str, path: &str, kind: &str, key: &str, gzip: &[u8]) -> (u16, Duration) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(at).unwrap();
    let length = gzip.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: {kind}\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(gzip).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    (text.split(' ').nth(1).unwrap().parse().unwrap(), begun.elapsed())
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn sixteen_million_records_cost_no_more_than_ten_thousand(pool: PgPool) {
    const MANY: usize = 16_000_000;
    let key = key_of(&pool, vec![Scope::EventsWrite]).await;
    let server = Server::start(&proxy::url(&pool, None));
    let before = server.peak();
    let lines = packed(&b"1\n".repeat(MANY));
    assert!(lines.len() < 64 << 10, "{}", lines.len());
    let array = packed(&[b"[1", &b",1".repeat(MANY - 1)[..], b"]"].concat());
    let log = packed(&[b"{\"records\":[1", &b",1".repeat(MANY - 9)[..], b"]}"].concat());
    let objects = packed(&b"{}\n".repeat(10_000_000));
    let rows = packed(&[b"OperationName,Id\n", &b"1,\n".repeat(10_000_000)[..]].concat());
    let (events, azure) = ("/api/v1/events", "/api/v1/sources/azure");
    for (path, kind, body) in [
        (events, "application/x-ndjson", &lines),
        (events, "application/json", &array),
        (azure, "application/json", &log),
        (azure, "application/x-ndjson", &objects),
        (azure, "text/csv", &rows),
    ] {
        let (status, took) = send(&server.at(), path, kind, &key, body);
        println!("{path} {kind}: {} bytes, {status} after {took:?}", body.len());
        assert!(status == 413 || status == 400, "{path} {kind}: {status}");
        assert!(took < ANSWER, "{path} {kind}: {took:?}");
    }
    // Several at once, as an attacker would.
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| send(&server.at(), events, "application/x-ndjson", &key, &lines));
        }
    });
    let peak = server.peak();
    println!("peak: {} MiB, {} MiB before", peak >> 20, before >> 20);
    assert!(peak < PEAK, "{peak} bytes");
}

/// Lets this process open as many files as it may.
fn open_many() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let may = maximum.unwrap_or(1 << 20);
    setrlimit(Resource::Nofile, Rlimit { current: Some(may), maximum }).unwrap();
    usize::try_from(may).unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn ten_thousand_silent_clients_slow_no_decision(pool: PgPool) {
    let key = key(&pool).await;
    let server = Server::start(&proxy::url(&pool, None));
    let client = server.client(&key);
    let decide = |from: usize| -> Duration {
        let took = (from..from + 50).map(|number| {
            let answer = client.decide(&phone("415", number));
            assert!(!answer.codes().contains(&"store_down".to_owned()), "{}", answer.text);
            answer.took
        });
        took.max().unwrap()
    };
    let quiet = decide(0);
    let silent: Vec<TcpStream> = (0..SILENT.min(open_many() - 1_000))
        .map(|number| {
            let mut stream = TcpStream::connect(server.at()).unwrap();
            // Half of them send a part of a request. The server may have closed the connection.
            if number % 2 == 0 {
                let _ = stream.write_all(b"POST /api/v1/decisions HTTP/1.1\r\nHost: ");
            }
            stream
        })
        .collect();
    let busy = decide(100);
    println!("{} silent clients: {busy:?} at most, {quiet:?} without", silent.len());
    assert!(busy < BUSY, "{busy:?}");
    assert_eq!(client.get("/healthz").status, 200);
    drop(silent);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn however_many_probe_it_the_server_stays_ready(pool: PgPool) {
    let key = key(&pool).await;
    let server = Server::start(&proxy::url(&pool, None));
    let client = server.client(&key);
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..7 {
                    let ready = client.get("/readyz");
                    assert_eq!(ready.status, 200, "{}", ready.text);
                }
            });
        }
    });
}
