//! `make bench`: the figures of the contract's section 10, each beside its limit, measured in one
//! run on a real server and its own Postgres. Figures also in `target/bench.json`.
//!
//! The events are those of `tollwarden simulate`; every request asks another range and channel.
//! `BENCH_EVENTS` sets how many events there are (1,000,000).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark stops at what goes wrong and says it"
)]

mod alerts;
mod client;
mod figures;
mod gate;
mod process;

use figures::Figures;
use process::Server;
use std::time::{Duration, Instant};

/// Events in a batch (contract, section 10).
const BATCH: usize = 500;
/// Clients that send batches at once.
const SENDERS: usize = 8;

fn main() {
    // `cargo bench` hands its own flags on; there is nothing here they could choose.
    let events: u64 =
        std::env::var("BENCH_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let server = Server::start();
    let mut figures = Figures::default();

    figures.measure(
        "idle resident memory, MiB",
        "idle_rss_mib",
        server.rss_mib(),
        "≤ 100",
        |x| x <= 100.0,
    );
    import(&server, &mut figures);
    ingest(&server, events, &mut figures);
    overview(&server, events, &mut figures);
    alerts::sign_ins(&server, &mut figures);
    alerts::reports(&server, &mut figures);
    gate::decisions(&server, &mut figures);
    gate::ledger(&mut figures);
    first_load(&server, &mut figures);
    figures.measure(
        "resident memory at the end, MiB",
        "server_rss_mib",
        server.rss_mib(),
        "≤ 400",
        |x| x <= 400.0,
    );
    figures.write(events);
}

/// A Log Analytics CSV of 100,000 records through `tollwarden import`.
fn import(server: &Server, figures: &mut Figures) {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/b2c/la.csv.gz");
    let (file, records) = process::enlarge(sample, 100_000, &server.dir);
    let started = Instant::now();
    let report = server.command(&["import", file.to_str().unwrap()]);
    let rate = records as f64 / started.elapsed().as_secs_f64();
    let report: serde_json::Value = serde_json::from_str(report.trim()).unwrap();
    assert_eq!(report["accepted"], records, "{report}");
    figures.measure(
        "import of a Log Analytics CSV, records/s",
        "import_records_per_s",
        rate,
        "≥ 20,000",
        |x| x >= 20_000.0,
    );
}

/// Batches over HTTP, against one `COPY` of the same rows into a table without indexes.
fn ingest(server: &Server, events: u64, figures: &mut Figures) {
    let key = server.command(&["key", "create", "--name", "bench", "--scope", "events:write"]);
    let authorization = format!("Bearer {}", key.trim());
    let lines = server.simulate(events);
    let batches: Vec<String> = lines.chunks(BATCH).map(|lines| lines.concat()).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let client = client::Client::new(&server.base);
                while let Some(batch) =
                    batches.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    client.post_events(&authorization, batch);
                }
            });
        }
    });
    let rate = events as f64 / started.elapsed().as_secs_f64();
    let copy = server.copy_rate(events.min(500_000));
    figures.raw("events in over HTTP, events/s", "ingest_events_per_s", rate);
    figures.raw("one COPY of the same rows, rows/s", "copy_rows_per_s", copy);
    figures.measure("ingest against COPY", "ingest_vs_copy", rate / copy, "≥ 0.20", |x| x >= 0.2);
}

/// The whole Overview tab, 40 times, each another range and channel.
fn overview(server: &Server, events: u64, figures: &mut Figures) {
    let client = server.signed_in();
    let now = server.newest;
    let channels = ["", "&channel=sms", "&channel=voice"];
    let mut times: Vec<Duration> = (0..44_i64)
        .map(|at| {
            let to = now - chrono::TimeDelta::minutes(at * 7);
            let from = to - chrono::TimeDelta::days(30) + chrono::TimeDelta::seconds(at * 61);
            let channel = channels[usize::try_from(at).unwrap() % channels.len()];
            let path = format!(
                "/?from={}&to={}{channel}",
                from.format("%Y-%m-%dT%H:%M:%SZ"),
                to.format("%Y-%m-%dT%H:%M:%SZ")
            );
            let started = Instant::now();
            let page = client.get(&path);
            assert!(page.contains("Phone Authentication Failure Reasons"), "no Overview at {path}");
            started.elapsed()
        })
        .skip(4)
        .collect();
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64() * 1e3;
    let name = match events {
        1_000_000 => "overview_ms_1m",
        10_000_000 => "overview_ms_10m",
        _ => "overview_ms",
    };
    figures.measure("whole Overview, median over HTTP, ms", name, median, "≤ 50", |x| x <= 50.0);
    figures.raw(
        "whole Overview, slowest of 40, ms",
        "overview_slowest_ms",
        times.last().unwrap().as_secs_f64() * 1e3,
    );
}

/// What a browser loads for the Overview, brotli.
fn first_load(server: &Server, figures: &mut Figures) {
    let client = server.signed_in();
    let page = client.get("/");
    let html = client::brotli(page.as_bytes());
    let assets: usize = client::assets(&page).iter().map(|path| client.transferred(path)).sum();
    let kib = (html + assets) as f64 / 1024.0;
    figures.measure(
        "first load of the Overview, brotli, KiB",
        "first_load_brotli_kib",
        kib,
        "≤ 200",
        |x| x <= 200.0,
    );
}
