//! Figures of fraud alerts: reports a second, block lookups, and the sign-in log.

use crate::client::Client;
use crate::figures::Figures;
use crate::process::Server;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Reports that are handed in.
const REPORTS: usize = 20_000;
/// Connections that hand them in at once.
const SENDERS: usize = 32;

/// Reports over HTTP, each of another user, each durable and chained when it is answered.
pub(crate) fn reports(server: &Server, figures: &mut Figures) {
    let on = ["allow_user_reports=true", "auto_block=true", "report_code=77", "breaker=1000"];
    let on = on.map(|setting| format!("fraud_alerts.{setting}"));
    let mut words = vec!["settings", "set"];
    words.extend(on.iter().map(String::as_str));
    server.command(&words);
    let scopes = "reports:write,blocks:read";
    let mut create = vec!["key", "create", "--name", "bench reports", "--scope", scopes];
    create.extend(["--rate", "100000"]);
    let key = server.command(&create);
    let authorization = format!("Bearer {}", key.trim());
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let client = Client::new(&server.base);
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    if at >= REPORTS {
                        break;
                    }
                    let report = format!(
                        r#"{{"id":"bench-{at}","user":"reporter{at}@example.com","channel":"voice","phone":"+1415555{:04}","code":"77"}}"#,
                        at % 10_000
                    );
                    client.post_json("/api/v1/fraud-reports", &authorization, &report, 201);
                }
            });
        }
    });
    let rate = REPORTS as f64 / started.elapsed().as_secs_f64();
    figures.measure(
        "fraud reports, durable and chained, reports/s",
        "reports_per_s",
        rate,
        "≥ 1,000",
        |x| x >= 1_000.0,
    );
    let client = Client::new(&server.base);
    let lookup = median(200, |at| {
        let path = format!("/api/v1/users/reporter{at}@example.com/block");
        let answer = client.get_with(&path, &authorization);
        assert!(answer.contains("blocked"), "{answer}");
    });
    figures.measure(
        "block lookup over HTTP, median, ms",
        "block_lookup_ms",
        lookup,
        "≤ 1",
        |x| x <= 1.0,
    );
}

/// The sign-in log: pages on pages of it by "Older", and filtered ones.
pub(crate) fn sign_ins(server: &Server, figures: &mut Figures) {
    let client = server.signed_in();
    let mut path = "/sign-ins?range=90d".to_owned();
    let mut times = Vec::new();
    for _ in 0..40 {
        let started = Instant::now();
        let page = client.get(&path);
        times.push(started.elapsed());
        let Some(older) = older(&page) else { break };
        path = older;
    }
    assert!(times.len() > 10, "the log has {} pages", times.len());
    for outcome in ["verified", "failed", "blocked", "denied", "reported", "undelivered"] {
        for channel in ["", "&channel=sms", "&channel=push"] {
            let started = Instant::now();
            client.get(&format!("/sign-ins?range=90d&outcome={outcome}{channel}"));
            times.push(started.elapsed());
        }
    }
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let (middle, slowest) = (times[times.len() / 2], times[times.len() - 1]);
    figures.measure("sign-in log, median page, ms", "sign_ins_ms", ms(middle), "≤ 50", |x| {
        x <= 50.0
    });
    figures.raw("sign-in log, slowest page, ms", "sign_ins_slowest_ms", ms(slowest));
}

/// Where the page's link to older attempts leads.
fn older(page: &str) -> Option<String> {
    let (_, link) = page.split_once("rel=\"next\" href=\"")?;
    let (path, _) = link.split_once('"')?;
    Some(path.replace("&amp;", "&"))
}

fn median(times: usize, mut each: impl FnMut(usize)) -> f64 {
    let mut taken: Vec<Duration> = (0..times)
        .map(|at| {
            let started = Instant::now();
            each(at);
            started.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken[times / 2].as_secs_f64() * 1e3
}
