//! Figures of the workbook: its tabs, tiles, a number's page, filters, and exports; beside them the
//! same answers by `GROUP BY` over the events, which must be equal.

use crate::client::Client;
use crate::figures::Figures;
use crate::process::Server;
use chrono::{SecondsFormat, TimeDelta};
use domain::Period;
use domain::workbook::{Filters, Query, Tile};
use std::time::{Duration, Instant};

/// Questions that are asked before those that are measured.
const WARM: usize = 4;

/// Another range of about 30 days for every question.
fn range(server: &Server, at: usize) -> Period {
    let at = i64::try_from(at).unwrap();
    let to = server.newest - TimeDelta::minutes(at * 7);
    Period { from: to - TimeDelta::days(30) + TimeDelta::seconds(at * 61), to }
}

/// A question of the workbook, another one each time.
pub(crate) fn asked(server: &Server, at: usize, further: &str) -> String {
    let Period { from, to } = range(server, at);
    let text = |time: chrono::DateTime<_>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("from={}&to={}{further}", text(from), text(to))
}

/// Median and slowest of `n` questions, in milliseconds.
fn times(
    client: &Client,
    n: usize,
    mut path: impl FnMut(usize) -> String,
    holds: &str,
) -> (f64, f64) {
    let mut times: Vec<Duration> = (0..n + WARM)
        .map(|at| {
            let path = path(at);
            let started = Instant::now();
            let page = client.get(&path);
            let time = started.elapsed();
            assert!(page.contains(holds), "{path} does not hold {holds}");
            time
        })
        .skip(WARM)
        .collect();
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    (ms(times[n / 2]), ms(times[n - 1]))
}

/// The tabs and tiles over a store of so many events; the median of the tally tiles, in ms.
pub(crate) fn measure(server: &Server, events: u64, figures: &mut Figures) -> f64 {
    cardinalities(server, figures);
    let client = server.signed_in();
    let size = match events {
        1_000_000 => "1m".to_owned(),
        10_000_000 => "10m".to_owned(),
        other => other.to_string(),
    };
    let channels = ["", "&channel=sms", "&channel=voice"];
    let mut measure = |what: &str, key: &str, limit: f64, times: (f64, f64)| {
        let name = format!("{key}_ms_{size}");
        let what = format!("{what}, {size}, median, ms");
        figures.measure(&what, &name, times.0, &format!("≤ {limit}"), |x| x <= limit);
        figures.raw("  slowest", &format!("{key}_slowest_ms_{size}"), times.1);
    };
    let page = |tab: &'static str| {
        move |at: usize| format!("/?{}{tab}", asked(server, at, channels[at % channels.len()]))
    };
    let title = Tile::FailureReasons.title();
    measure("whole Overview", "overview", 50.0, times(client, 40, page(""), title));
    let details = times(client, 40, page("&tab=details"), "Select Phone Number");
    measure("whole Details", "details", 100.0, details);
    let conversion = times(client, 40, page("&tab=conversion"), "Conversion");
    measure("whole Conversion tab", "conversion", 100.0, conversion);

    // Values that the store has, to filter by.
    let (numbers, others) = values(server);
    let two = times(
        client,
        40,
        |at| {
            let (a, b) = &others[at % others.len()];
            format!("/?{}", asked(server, at, &format!("&{a}&{b}")))
        },
        title,
    );
    measure("Overview with two filters", "two_filters", 300.0, two);
    let links: Vec<String> = numbers;
    let one = times(
        client,
        40.min(links.len() - WARM),
        |at| format!("{}?{}", links[at], asked(server, at, "")),
        "<h1",
    );
    measure("a number's page", "number_page", 20.0, one);

    let tally = times(
        client,
        60,
        |at| {
            let tile = [Tile::FailureReasons, Tile::Browsers, Tile::OperatingSystems][at % 3];
            format!("/tiles/{tile}?{}", asked(server, at, channels[at % channels.len()]))
        },
        "data-tile",
    );
    figures.raw(
        &format!("a tally tile, {size}, median, ms"),
        &format!("tally_tile_ms_{size}"),
        tally.0,
    );
    truth(server, &size, figures);
    tally.0
}

/// What the generator made.
fn cardinalities(server: &Server, figures: &mut Figures) {
    let counts: Vec<(&str, i64)> = server.sql(async |pool| {
        let mut counts = Vec::new();
        for (what, sql) in [
            ("events", "select count(*) from event"),
            ("failures", "select count(*) from event where kind in ('failed', 'blocked', 'undelivered', 'expired')"),
            ("attempts", "select count(*) from attempt"),
            ("numbers", "select count(distinct phone) from event"),
            ("addresses", "select count(distinct ip) from event"),
        ] {
            sqlx::raw_sql("set work_mem = '256MB'").execute(pool).await.unwrap();
            counts.push((what, sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()));
        }
        counts
    });
    for (what, count) in counts {
        figures.raw(&format!("the store's {what}"), &format!("cardinality_{what}"), count as f64);
    }
}

/// Addresses of numbers' pages, and pairs of filters, of failures that the store has.
fn values(server: &Server) -> (Vec<String>, Vec<(String, String)>) {
    let client = server.signed_in();
    let mut numbers = Vec::new();
    for page in 1..=6 {
        let html = client.get(&format!("/tiles/number-failures?number-failures.page={page}"));
        for part in html.split("number=n_").skip(1) {
            let handle: String = part
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-'))
                .collect();
            numbers.push(format!("/numbers/n_{handle}"));
        }
    }
    numbers.dedup();
    assert!(numbers.len() > WARM, "no numbers to choose from");
    let pairs: Vec<(String, String)> = server.sql(async |pool| {
        let rows: Vec<(String, String, String)> = sqlx::query_as(
            "select distinct on (region) region, flow, host(ip) from event
             where kind in ('failed', 'blocked', 'undelivered', 'expired')
                 and region is not null and flow is not null and ip is not null
             order by region limit 20",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        rows.into_iter()
            .flat_map(|(region, flow, ip)| {
                let region = format!("region={region}");
                [(region.clone(), format!("flow={flow}")), (region, format!("ip={ip}"))]
            })
            .collect()
    });
    (numbers, pairs)
}

/// The same answers by `GROUP BY` over the events: how long they take, and that they are equal.
fn truth(server: &Server, size: &str, figures: &mut Figures) {
    let client = server.signed_in();
    let mut slowest = Duration::ZERO;
    for (at, tile) in Tile::ALL.iter().enumerate() {
        let query = Query { period: range(server, at), filters: Filters::default() };
        let started = Instant::now();
        let rows =
            server.sql(async |pool| store::workbook::rows(pool, *tile, &query).await.unwrap());
        slowest = slowest.max(started.elapsed());
        let part = asked(server, at, &format!("&{tile}.view=table"));
        let html = client.get(&format!("/tiles/{tile}?{part}"));
        let shown: Vec<u64> = html
            .split("<span class=\"count\">")
            .skip(1)
            .map(|rest| {
                let digits: String = rest
                    .chars()
                    .take_while(|letter| *letter != '<')
                    .filter(char::is_ascii_digit)
                    .collect();
                digits.parse().unwrap()
            })
            .collect();
        let counted: Vec<u64> = rows.iter().take(10).map(|row| row.count).collect();
        assert_eq!(shown, counted, "{tile} differs from GROUP BY");
    }
    figures.raw(
        &format!("slowest tile by GROUP BY, {size}, ms (equal)"),
        &format!("group_by_slowest_ms_{size}"),
        slowest.as_secs_f64() * 1e3,
    );
}

/// Exports: rows a second as CSV, and a hundred thousand rows as XLSX.
pub(crate) fn exports(server: &Server, figures: &mut Figures) {
    // A store that is kept has the key of the run before.
    let name = format!("bench exports {}", std::process::id());
    let key = server.command(&["key", "create", "--name", &name, "--scope", "read,numbers"]);
    let authorization = format!("Bearer {}", key.trim());
    let client = server.signed_in();
    let started = Instant::now();
    let rows = client.lines("/api/v1/reports/attempts?format=csv&range=90d", &authorization) - 1;
    let rate = rows as f64 / started.elapsed().as_secs_f64();
    figures.raw("rows of that export", "export_rows", rows as f64);
    figures.measure(
        "CSV export of attempts, rows/s",
        "export_rows_per_s",
        rate,
        "≥ 200,000",
        |x| x >= 200_000.0,
    );
    // The range that holds a hundred thousand attempts.
    let from: chrono::DateTime<chrono::Utc> = server.sql(async |pool| {
        sqlx::query_scalar("select time from attempt order by time desc offset 99999 limit 1")
            .fetch_one(pool)
            .await
            .unwrap()
    });
    let from = from.to_rfc3339_opts(SecondsFormat::Micros, true);
    let started = Instant::now();
    let size =
        client.size(&format!("/api/v1/reports/attempts?format=xlsx&from={from}"), &authorization);
    assert!(size > 1_000_000, "{size} bytes");
    let seconds = started.elapsed().as_secs_f64();
    figures
        .measure("XLSX of 100,000 rows, s", "export_xlsx_100k_s", seconds, "≤ 3", |x| x <= 3.0);
}
