//! Pages in the time zone of the account.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestRequest, TestServer, get, post};
use domain::roles::{Role, Scope};
use http::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;

async fn choose(site: &TestServer, cookie: &str, zone: &str) {
    let answer = site.ask(post("/_fn/time-zone", &[("zone", zone)]).cookie(cookie)).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn it_follows_the_account_and_not_the_browser(pool: PgPool) {
    let site = TestServer::new(pool).await;
    site.account("lead@example.com", Role::SecurityLead).await;
    let (here, there) =
        (site.sign_in("lead@example.com").await, site.sign_in("lead@example.com").await);
    let account = async |cookie: &str| site.ask(get("/account").cookie(cookie)).await.text;
    assert!(account(&here).await.contains("Time zone: UTC"));
    choose(&site, &here, "asia/kathmandu").await;
    // The message is shown once, and the account's other session uses the new zone.
    assert!(account(&here).await.contains("Times are shown in Asia/Kathmandu from now on."));
    assert!(account(&there).await.contains("Time zone: Asia/Kathmandu"));

    // A wrong zone stays in its field with an error, and nothing is changed.
    choose(&site, &here, "Asia/\"Atlantis").await;
    let page = account(&here).await;
    assert!(page.contains("value=\"Asia/&quot;Atlantis\""), "{page}");
    assert!(page.contains("must be UTC or the name of a time zone such as Europe/Berlin."));
    assert!(page.contains("aria-invalid=\"true\""));
    assert!(account(&there).await.contains("Time zone: Asia/Kathmandu"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn times_are_shown_and_read_in_it(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    let key = site.key("idp", &[Scope::EventsWrite]).await;
    let event = json!({"id": "a", "time": "2026-11-20T22:30:00Z", "kind": "failed", "user": "ann"});
    site.ask(TestRequest::new(Method::POST, "/api/v1/events").key(&key).json(&event)).await.ok();
    choose(&site, &cookie, "Asia/Kathmandu").await;

    // In Nepal it is the 21st, 4:15; the range's first hours of that day hold it.
    let log = "/sign-ins?from=2026-11-21T04:00&to=2026-11-21T04:30";
    let page = site.ask(get(log).cookie(&cookie)).await.text;
    assert!(page.contains(">21 Nov 2026, 04:15:00</time>"), "{page}");
    assert!(page.contains("title=\"2026-11-20 22:30:00.000000 UTC"), "{page}");
    assert!(
        page.contains("From (Asia/Kathmandu)") && page.contains("value=\"2026-11-21T04:00:00\"")
    );
    // A range with an offset is the same in every zone.
    let log = "/sign-ins?from=2026-11-20T22:00:00Z&to=2026-11-20T23:00:00Z";
    assert!(site.ask(get(log).cookie(&cookie)).await.text.contains("21 Nov 2026, 04:15:00"));
    let log = "/sign-ins?from=2026-11-21T04:00:00Z&to=2026-11-21T04:30:00Z";
    assert!(!site.ask(get(log).cookie(&cookie)).await.text.contains("04:15:00"));

    // Exports stay in UTC.
    let export = "/export/attempts?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z";
    let export = site.ask(get(export).cookie(&cookie)).await;
    assert!(export.text.contains("2026-11-20T22:30:00"), "{}", export.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_workbooks_address_wins(pool: PgPool) {
    let site = TestServer::new(pool).await;
    let cookie = site.member("lead@example.com", Role::SecurityLead).await;
    choose(&site, &cookie, "Asia/Kathmandu").await;
    let page = async |query: &str| site.ask(get(&format!("/?{query}")).cookie(&cookie)).await.text;
    let day = "from=2026-03-29&to=2026-03-30";
    assert!(page(day).await.contains("From (Asia/Kathmandu)"));
    // A day of 23 hours, from midnight to midnight.
    let berlin = page(&format!("{day}&tz=Europe/Berlin")).await;
    assert!(
        berlin.contains("29 Mar 2026, 00:00 CET") && berlin.contains("30 Mar 2026, 00:00 CEST")
    );
    // Links keep the zone.
    assert!(berlin.contains("tz=Europe%2FBerlin"));
    // A wrong zone stays in its field with an error, and the account's own is used.
    let wrong = page("tz=Mars%27%25").await;
    assert!(wrong.contains("such as Europe/Berlin"), "{wrong}");
    assert!(wrong.contains("From (Asia/Kathmandu)"));
}
