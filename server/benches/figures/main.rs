//! `make bench`: the figures of the contract's section 10, each beside its limit, measured in one
//! run on a real server and its own Postgres. Figures also in `target/bench.json`.
//!
//! The events are those of `tollwarden simulate`; every request asks another range and other
//! filters. The workbook is measured with a million events, then with `BENCH_EVENTS`
//! (10,000,000). With `BENCH_STORE` it is measured on the store of that directory alone, which is
//! kept: a simulated month of which the last day is today.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark stops at what goes wrong and says it"
)]

mod alerts;
mod client;
mod figures;
mod flood;
mod gate;
mod process;
mod workbook;

use figures::Figures;
use process::Server;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

/// Events in a batch (contract, section 10).
const BATCH: usize = 500;
/// Clients that send batches at once.
const SENDERS: usize = 8;
/// Events of the first measurement of the workbook.
const FIRST: u64 = 1_000_000;

fn main() {
    // `cargo bench` hands its own flags on; there is nothing here they could choose.
    let events: u64 =
        std::env::var("BENCH_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
    let mut figures = Figures::default();
    if let Some(dir) = std::env::var_os("BENCH_STORE") {
        let server = Server::on(dir.into());
        let held: i64 = server.sql(async |pool| {
            sqlx::query_scalar("select count(*) from event").fetch_one(pool).await.unwrap()
        });
        workbook::measure(&server, held.unsigned_abs(), &mut figures);
        workbook::exports(&server, &mut figures);
        return figures.write(held.unsigned_abs());
    }
    let server = Server::start();

    figures.measure(
        "idle resident memory, MiB",
        "idle_rss_mib",
        server.rss_mib(),
        "≤ 100",
        |x| x <= 100.0,
    );
    import(&server, &mut figures);
    let first = events.min(FIRST);
    let mut create = vec!["key", "create", "--name", "bench", "--scope", "events:write"];
    // The sources of simulated events; and the gate's ledger takes them in, as it would.
    create.extend(["--source", "b2c,entra,twilio", "--counts", "--names", "--rate", "100000"]);
    let key = server.command(&create);
    let authorization = format!("Bearer {}", key.trim());
    let rate = ingest(&server, &authorization, first, 7);
    let copy = server.copy_rate(first.min(500_000));
    figures.raw("events in over HTTP, events/s", "ingest_events_per_s", rate);
    figures.raw("one COPY of the same rows, rows/s", "copy_rows_per_s", copy);
    figures.measure("ingest against COPY", "ingest_vs_copy", rate / copy, "≥ 0.20", |x| x >= 0.2);
    let small = workbook::measure(&server, first, &mut figures);
    if events > first {
        ingest(&server, &authorization, events - first, 8);
        let large = workbook::measure(&server, events, &mut figures);
        figures.measure(
            "tally tiles, many events against a million",
            "tally_tiles_10m_vs_1m",
            large / small,
            "≤ 1.30",
            |x| x <= 1.3,
        );
    }
    workbook::exports(&server, &mut figures);
    alerts::sign_ins(&server, &mut figures);
    alerts::reports(&server, &mut figures);
    gate::decisions(&server, &mut figures);
    flood::decisions(&server, &mut figures);
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

/// Batches over HTTP, several clients at once; events a second.
fn ingest(server: &Server, authorization: &str, events: u64, seed: u64) -> f64 {
    let (sender, batches) = sync_channel::<String>(4 * SENDERS);
    let batches = Mutex::new(batches);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let client = client::Client::new(&server.base);
                loop {
                    let batch = batches.lock().unwrap().recv();
                    let Ok(batch) = batch else { break };
                    client.post_events(authorization, &batch);
                }
            });
        }
        server.simulate(events, seed, BATCH, |batch| sender.send(batch).unwrap());
        drop(sender);
    });
    events as f64 / started.elapsed().as_secs_f64()
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
