//! The tab Conversion without JavaScript: funnel, map and table, every breakdown, filters, masks,
//! and bad input.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestResponse, TestServer};
use domain::roles::Role;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

/// Codes to the United States, most of which are entered, and to Latvia, of which hardly any are.
async fn site(pool: PgPool) -> TestServer {
    let site = TestServer::at(pool, noon()).await;
    site.account("lead@example.com", Role::SecurityLead).await;
    site.account("auditor@example.com", Role::Auditor).await;
    let event = |id: String, kind: &str, journey: String, phone: String, ip: String| -> Value {
        json!({
            "id": id, "kind": kind, "journey": journey, "phone": phone, "channel": "sms",
            "time": "2026-11-20T11:00:00Z", "ip": ip, "flow": "B2C_1_up", "carrier": "247-01",
        })
    };
    let mut events = Vec::new();
    for n in 0..60 {
        let latvia = n % 2 == 0;
        let phone = if latvia { format!("+3712531{n:04}") } else { format!("+1415555{n:04}") };
        let ip = if latvia { format!("198.51.100.{n}") } else { format!("203.0.113.{n}") };
        let journey = format!("j{n}");
        let told = |kind: &str| {
            event(format!("{kind}{n}"), kind, journey.clone(), phone.clone(), ip.clone())
        };
        let mut sent = told("sent");
        sent["cost"] = json!({ "amount": "0.0450", "currency": "EUR" });
        events.push(sent);
        if n < 40 {
            events.push(told("delivered"));
        }
        match (latvia, n) {
            (true, 0) | (false, 0..50) => events.push(told("verified")),
            (true, _) => events.push(told("failed")),
            _ => {}
        }
    }
    site.submit(&events).await;
    site
}

async fn page(site: &TestServer, who: &str, path: &str) -> TestResponse {
    let answer = site.page(who, path).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    // Markers between texts, for hydration.
    TestResponse { text: answer.text.replace("<!>", ""), ..answer }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_attacked_region_stands_first_and_filters(pool: PgPool) {
    let site = site(pool).await;
    // From the store first, then from memory: the same page.
    for loaded in [false, true] {
        if loaded {
            site.engine.conversion.load().await.unwrap();
        }
        let tab = page(&site, "lead", "/?tab=conversion").await;
        let [latvia, states] = ["Latvia", "United States"].map(|name| {
            tab.text.find(&format!("class=\"region-name\">{name}")).expect("a row of it")
        });
        assert!(latvia < states, "the least converting stands first");
        // Delivered: 20 of Latvia's and 20 of the States', and five that verified untold.
        tab.has(&[
            "aria-selected=\"true\"",
            "href=\"/?tab=conversion&amp;region=LV\"",
            "3.3 %",
            "83.3 %",
            "1.35 <small>EUR</small>",
            "0.0540 <small>EUR</small>",
            ">All</th>",
            "2.70 <small>EUR</small>",
            "<title>Latvia: 29</title>",
            "the 45 that a source reported as delivered",
            "<b>43 %</b>",
        ]);
        let one = page(&site, "lead", "/?tab=conversion&region=LV").await;
        one.has(&["Remove the filter Region", "3.3 %"]);
        assert!(!one.text.contains("class=\"region-name\">United States"));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_breakdown_for_every_role(pool: PgPool) {
    let site = site(pool).await;
    for (by, parts) in [
        ("prefix", ["+371 253", "+1 415"]),
        ("flow", ["B2C_1_up", "flow=B2C_1_up"]),
        ("carrier", ["247-01", "43.3 %"]),
        ("ip", ["198.51.100.0/24", "203.0.113.0/24"]),
        ("channel", ["SMS", "channel=sms"]),
    ] {
        let tab = page(&site, "auditor", &format!("/?tab=conversion&by={by}&range=7d")).await;
        tab.has(&parts);
        tab.has(&[&format!("/export/conversion?range=7d&amp;by={by}")]);
        assert!(!tab.text.contains("+3712531"), "an auditor sees no whole number");
    }
    let alone = page(&site, "auditor", "/?tab=conversion&open=conversion&by=prefix").await;
    alone.has(&["+371 253", "All tiles"]);
    let tile = page(&site, "auditor", "/tiles/conversion?by=prefix&conversion.q=371").await;
    tile.has(&["data-tile=\"conversion\"", "+371 253", "1–1 of 1"]);
    assert!(!tile.text.contains("+1 415") && !tile.text.contains("<html"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_cannot_be_read_is_said(pool: PgPool) {
    let site = site(pool).await;
    let odd = "/?tab=conversion&by=%3Cb%3E&map=moon&conversion.sort=size&conversion.page=-1";
    let tab = page(&site, "lead", odd).await;
    tab.has(&[
        "“&lt;b&gt;” is not a breakdown",
        "The map must be failures or rate",
        "The order must be one of volume, key, sent",
        "The page must be a whole number from 1.",
        "class=\"region-name\">Latvia",
    ]);
    let none = page(&site, "lead", "/?tab=conversion&region=FR").await;
    none.has(&["No attempts in this range fit the filters.", "clear the filters"]);
    let empty = page(&site, "lead", "/?tab=conversion&from=2001-01-01&to=2001-02-01").await;
    empty.has(&["No attempts in this range.", "No attempt with a region failed"]);
}
