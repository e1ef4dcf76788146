//! How much memory a row takes, and how fast three million are searched; printed, not checked.

use domain::bucket::Bucket;
use domain::conversion::{By, Column, KeyRowsQuery, Order};
use domain::workbook::{Filters, Query};
use domain::{Channel, Kind, Period};
use engine::conversion::Table;
use rust_decimal::Decimal;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::Instant;
use store::attempt_table::TableAttempt;
use uuid::Uuid;

const ROWS: u64 = 3_300_000;

fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

/// A number that looks random, always the same for the same `n`.
fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn median<T>(mut run: impl FnMut() -> T) -> f64 {
    let mut times: Vec<_> = (0..7)
        .map(|_| {
            let begun = Instant::now();
            let _ = run();
            begun.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[3]
}

#[test]
#[ignore = "takes half a minute: cargo test -p tollwarden-engine --test attempt_table -- --ignored --nocapture"]
fn three_million() {
    let regions = ["US", "GB", "DE", "FR", "IN", "BR", "LV", "TJ", "AU", "JP", "ES", "IT"];
    let carriers: Vec<_> = (0..300).map(|n| format!("{}-{:02}", 200 + n / 4, n % 4)).collect();
    let flows: Vec<_> = (0..20).map(|n| format!("B2C_1A_flow_{n}")).collect();
    let browsers = ["Chrome", "Mobile Safari", "Firefox", "Edge", "Chrome Mobile", "Other"];
    let reasons = ["", "", "", "", "", "busy", "number_invalid", "blocked_reputation"];
    let now = domain::period::parse_time("2026-11-20T00:00:00Z").unwrap();
    // Sixty days: the range, and the previous one.
    let step = 60 * 86_400_000_000 / i64::try_from(ROWS).unwrap();
    let before = resident();
    let begun = Instant::now();
    let mut table = Table::new(i64::MIN);
    table.reserve(4_000_000);
    for n in 0..ROWS {
        let (a, b, c) = (mix(n), mix(n + (1 << 40)), mix(n + (1 << 41)));
        let (number, address) = (a % 400_000, b % 150_000);
        let kind = [Kind::Verified, Kind::Verified, Kind::Verified, Kind::Failed, Kind::Delivered];
        let kind = kind[usize::try_from(c % 5).unwrap()];
        let at = |n: u64, of: usize| usize::try_from(n).unwrap() % of;
        let region = at(mix(number), regions.len());
        let digits = [1_2, 44, 49, 33, 91, 55, 371, 992, 61, 81, 34, 39][region];
        let ip = u32::try_from(0x0b00_0000 + address * 61).unwrap();
        table.put(&TableAttempt {
            id: Uuid::from_u128(u128::from(mix(n + (1 << 42))) << 64),
            time: now.timestamp_micros() - i64::try_from(n).unwrap() * step,
            outcome: kind,
            delivered: kind != Kind::Failed,
            channel: Some(if c % 7 == 0 { Channel::Voice } else { Channel::Sms }),
            phone: Some(format!("+{digits}{:08}", mix(number) % 100_000_000).parse().unwrap()),
            ip: Some(Ipv4Addr::from(ip).into()),
            region: regions[region],
            flow: &flows[at(c >> 8, flows.len())],
            carrier: &carriers[region * 25 + at(mix(number) >> 9, 5)],
            browser: browsers[at(c >> 16, browsers.len())],
            reason: if kind == Kind::Failed { reasons[at(c >> 24, reasons.len())] } else { "" },
            cost: Some((Decimal::new(i64::try_from(100 + region * 37).unwrap(), 4), "EUR")),
        });
    }
    let (rows, took) = (table.len() as u64, begun.elapsed());
    let each = (resident() - before) as f64 / rows as f64;
    println!("{rows} rows, {each:.1} bytes a row, filled in {took:.1?}");
    let period = Period { from: now - chrono::TimeDelta::days(30), to: now };
    let filters = Filters { channel: Some(Channel::Sms), ..Filters::default() };
    let two = Filters {
        flow: Some(flows[3].clone()),
        region: Some("LV".parse().unwrap()),
        ..Filters::default()
    };
    for (what, filters) in [("all", Filters::default()), ("SMS", filters), ("two filters", two)] {
        let query = Query { period, filters };
        let edges = Bucket::of(period).edges(period, &chrono::Utc).unwrap();
        let part = KeyRowsQuery { limit: 10, ..KeyRowsQuery::default() };
        println!("{what}: strip {:.1} ms", median(|| black_box(table.strip(&query, &edges))));
        println!("{what}: standing {:.1} ms", median(|| black_box(table.range_counts(&query))));
        for by in By::ALL {
            let time = median(|| black_box(table.conversion(*by, &query, &part)));
            println!("{what}: by {by} with the range before {time:.1} ms");
        }
        let order = Order { column: Some(Column::Cost), reversed: false };
        let part = KeyRowsQuery { order, ..part };
        let time = median(|| black_box(table.conversion(By::Ip, &query, &part)));
        println!("{what}: by ip, sorted by cost {time:.1} ms");
    }
}
