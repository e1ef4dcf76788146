//! The gate while everybody else asks for all they can: how much longer its decisions take then
//! than when it is quiet, in the same minute.
//!
//! Whoever floods stands for other machines and gives way to the server, which has this one.

use crate::client::Client;
use crate::figures::Figures;
use crate::gate::{asked, key, senders};
use crate::process::Server;
use crate::workbook;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A decision every so often, as an application asks: whether the one before is answered or not.
const EVERY: Duration = Duration::from_millis(20);
/// How long each half is measured.
const TIME: Duration = Duration::from_secs(15);
/// Connections that decisions go out on in turn.
const CONNECTIONS: usize = 16;
/// Clients that ask for pages, for exports, and with keys that nobody has.
const PAGES: usize = 24;
const EXPORTS: usize = 6;
const STRANGERS: usize = 16;
/// The tabs of the workbook, as its address has them.
const TABS: [&str; 3] = ["", "&tab=details", "&tab=conversion"];

pub(crate) fn decisions(server: &Server, figures: &mut Figures) {
    let key = key(server, "bench flood");
    let quiet = paced(server, &key);
    let (over, pages, shed) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let flooded = std::thread::scope(|scope| {
        let more = || !over.load(Relaxed);
        for n in 0..PAGES + EXPORTS {
            let (pages, shed) = (&pages, &shed);
            scope.spawn(move || {
                give_way();
                let client = server.signed_in();
                let mut at = n;
                while more() {
                    let asked = workbook::asked(server, at % 1_000, "");
                    let path = match n < EXPORTS {
                        true => format!("/export/attempts?format=csv&{asked}"),
                        false => format!("/?{asked}{}", TABS[at % TABS.len()]),
                    };
                    let answered = client.status(&path, None);
                    pages.fetch_add(u64::from(answered == 200), Relaxed);
                    shed.fetch_add(u64::from(answered != 200), Relaxed);
                    at += PAGES + EXPORTS;
                }
            });
        }
        for n in 0..STRANGERS {
            scope.spawn(move || {
                give_way();
                let client = Client::new(&server.base);
                // No two alike, and each written as a key is.
                for at in (0_u64..).take_while(|_| more()) {
                    let key = format!("Bearer tw_{n:04x}{at:08x}_{n:064x}");
                    client.status("/api/v1/blocks?kind=user&value=a", Some(&key));
                }
            });
        }
        std::thread::sleep(Duration::from_secs(2));
        let flooded = paced(server, &key);
        over.store(true, Relaxed);
        flooded
    });
    figures.raw("decisions, quiet, p99, ms", "quiet_p99_ms", quiet.p99_ms);
    figures.raw("decisions under a flood, p99, ms", "flood_p99_ms", flooded.p99_ms);
    figures.raw("  pages and exports answered", "flood_pages", pages.into_inner() as f64);
    figures.raw("  turned away", "flood_shed", shed.into_inner() as f64);
    let away = flooded.away as f64;
    figures.measure("  store_down", "flood_store_down", away, "= 0", |x| x == 0.0);
    let ratio = flooded.p99_ms / quiet.p99_ms;
    figures.measure("p99 under a flood against quiet", "flood_vs_quiet_p99", ratio, "≤ 2", |x| {
        x <= 2.0
    });
}

/// The lowest priority there is.
fn give_way() {
    rustix::process::nice(19).unwrap();
}

struct Paced {
    away: u64,
    p99_ms: f64,
}

/// Decisions at a steady pace. Each takes from when it was due, so that one that has to wait for
/// its connection is slow as well.
fn paced(server: &Server, key: &str) -> Paced {
    let host = server.base.trim_start_matches("http://");
    let next = AtomicU64::new(0);
    let started = Instant::now();
    let (mut times, away) = senders(host, CONNECTIONS, |connection| {
        let mut times = Vec::new();
        loop {
            let at = next.fetch_add(1, Relaxed);
            let due = EVERY * u32::try_from(at).unwrap();
            if due >= TIME {
                return times;
            }
            std::thread::sleep(due.saturating_sub(started.elapsed()));
            connection.send(&asked(host, key, at));
            times.push(started.elapsed() - due);
        }
    });
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    Paced { away, p99_ms: p99.as_secs_f64() * 1e3 }
}
