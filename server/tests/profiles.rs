//! The pages of one number, one address and one user: contents, roles, and bad addresses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod common;

use common::{TestResponse, TestServer, get, post};
use domain::audit::By;
use domain::blocks::{BlockFields, NewBlock, NewBypass};
use domain::handles::HandleKey;
use domain::roles::Role;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;

const ANNA: &str = "+4915112345678";

/// Anna's number fails at 11:30, fourteen others of its block within the same hour, one later.
async fn site(pool: PgPool) -> TestServer {
    let now = domain::period::parse_time("2026-11-20T12:30:00Z").unwrap();
    let site = TestServer::at(pool.clone(), now).await;
    site.account("admin@example.com", Role::Admin).await;
    site.account("lead@example.com", Role::SecurityLead).await;
    site.account("auditor@example.com", Role::Auditor).await;
    let mut events = vec![
        event(
            "sent",
            "11:30:00",
            ANNA,
            "a1",
            json!({ "cost": { "amount": "0.0300", "currency": "EUR" } }),
        ),
        event(
            "failed",
            "11:30:20",
            ANNA,
            "a1",
            json!({ "reason": "busy", "extra": { "dialled": "0049 151 12345678" } }),
        ),
        event(
            "sent",
            "10:00:00",
            ANNA,
            "a2",
            json!({ "cost": { "amount": "0.0500", "currency": "EUR" } }),
        ),
        event("verified", "10:00:30", ANNA, "a2", json!({})),
    ];
    for at in 0..14 {
        let (phone, journey) = (format!("+49151123456{at:02}"), format!("n{at}"));
        let ip = json!({ "ip": format!("203.0.113.{}", 20 + at), "user": null });
        events.push(event("failed", &format!("11:{:02}:00", 10 + at), &phone, &journey, ip));
    }
    let ip = json!({ "ip": "203.0.113.99", "user": null });
    events.push(event("failed", "12:00:00", "+4915112345699", "later", ip));
    site.submit(&events).await;
    settled(&pool).await;
    site
}

/// Waits until the figures in memory may include what was written: transactions of other tests'
/// databases delay that, because they are numbered by the cluster.
async fn settled(pool: &PgPool) {
    let newest = "select pg_snapshot_xmin(pg_current_snapshot()) >
        (select xid from event order by xid desc limit 1)";
    for _ in 0..100_000 {
        if sqlx::query_scalar(newest).fetch_one(pool).await.unwrap() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("some transaction of this cluster does not end");
}

fn event(kind: &str, time: &str, phone: &str, journey: &str, more: Value) -> Value {
    let mut event = json!({
        "id": format!("{journey}{kind}"), "kind": kind, "channel": "sms", "journey": journey,
        "time": format!("2026-11-20T{time}Z"), "user": "Anna@Example.com", "phone": phone,
        "ip": "203.0.113.9", "flow": "B2C_1_signin",
    });
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

async fn number(site: &TestServer, phone: &str) -> String {
    let handle = site.engine.handles.number(phone.parse().unwrap()).await.unwrap();
    format!("/numbers/{handle}")
}

/// The words of a page.
fn words(answer: &TestResponse) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in answer.text.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text
}

fn says(answer: &TestResponse, parts: &[&str]) {
    let words = words(answer);
    for part in parts {
        assert!(words.contains(part) || answer.text.contains(part), "{part} is not in {words}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_number_tells_its_story(pool: PgPool) {
    let site = site(pool).await;
    let answer = site.page("admin", &number(&site, ANNA).await).await;
    assert_eq!(answer.status, StatusCode::OK);
    says(
        &answer,
        &[
            "<title>Number – Tollwarden</title>",
            ANNA,
            "Germany (DE), +49, Mobile",
            "14 adjacent numbers failed in the same hour: 20 Nov 2026, 11:00 to 12:00 UTC.",
            "/?from=2026-11-20T11%3A00%3A00Z&amp;to=2026-11-20T12%3A00%3A00Z",
            "+4915112345699",
            "+491511234xxxx",
            "Rate50 %",
            "Cost0.0800 EUR",
            "Cost per verified0.0800 EUR",
            "Anna@Example.com",
            "Line busy",
            "from shop",
            "0049 151 12345678",
            "/users/u_",
            "/ips/203.0.113.9",
            "Nobody reported fraud here.",
            "Never blocked, and no bypasses.",
            "The gate was not asked about these attempts.",
            "/sign-ins?number=n_",
        ],
    );
    assert!(!answer.text.contains("Show the full number"), "an admin sees it anyway");
    for path in links(&answer) {
        assert!(!path.contains("151123456"), "a number stands in {path}");
    }
    // From the page to a neighbour's.
    let neighbour = site.page("lead", &number(&site, "+4915112345603").await).await;
    says(&neighbour, &["14 adjacent numbers failed in the same hour", ANNA]);
    let before = format!("{}?to=2026-11-20T11:00:00Z", number(&site, ANNA).await);
    let before = site.page("admin", &before).await;
    says(&before, &["Attempts1", "It had no failures of its own in this range."]);
    assert!(!before.text.contains("adjacent numbers failed"));
}

/// The targets of a page's links.
fn links(answer: &TestResponse) -> Vec<&str> {
    let parts = answer.text.split("href=\"").skip(1);
    parts.filter_map(|part| part.split('"').next()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_address_and_a_user_tell_theirs(pool: PgPool) {
    let site = site(pool).await;
    let ip = site.page("admin", "/ips/203.0.113.9").await;
    says(
        &ip,
        &[
            "Of the network 203.0.113.0/24",
            "14 other addresses of its network failed in the same hour",
            "/ips/203.0.113.20",
            "/numbers/n_",
            "/users/u_",
            "Germany (DE)",
            "/sign-ins?ip=203.0.113.9",
        ],
    );
    let admin = By::command();
    engine::aliases::join(&site.db, &admin, "anna@example.com", "id-7").await.unwrap();
    let now = site.engine.clock().now();
    let block =
        BlockFields { kind: "user", value: "ID-7", reason: "lost phone", ..BlockFields::default() };
    let block = NewBlock::read(block, now);
    engine::blocks::add(&site.db, &admin, &block.unwrap(), false).await.unwrap();
    let bypass = NewBypass::read("user", "anna@example.com", Some(600), "travels").unwrap();
    engine::blocks::bypass(&site.db, &admin, &bypass).await.unwrap();
    let path = format!("/users/{}", site.engine.handles.user("anna@example.com").await.unwrap());
    let user = site.page("lead", &path).await;
    says(
        &user,
        &[
            "Anna@Example.com",
            "Attempts2",
            "Other names of the same user",
            "id-7",
            "lost phone",
            "Let through once",
            "travels",
            "Block the user",
            ANNA,
        ],
    );
    let auditor = site.page("auditor", &path).await;
    says(&auditor, &["lost phone", "+491511•••••78"]);
    assert!(!auditor.text.contains("12345678") && !auditor.text.contains("Block the user"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_sees_masks_and_one_number_for_a_reason(pool: PgPool) {
    let site = site(pool).await;
    let path = number(&site, ANNA).await;
    let cookie = site.sign_in("auditor@example.com").await;
    let masked = site.ask(get(&path).cookie(&cookie)).await;
    says(
        &masked,
        &["+491511•••••78", "+491511•••••99", "14 adjacent numbers failed", "Show the full number"],
    );
    assert!(!masked.text.contains("151123456") && !masked.text.contains("12345678"));
    assert!(
        !masked.text.contains("/fraud-alerts?tab=blocked&amp;of="),
        "no form that is not theirs"
    );
    let attempt = domain::events::attempt_of("a1").to_string();
    let handle = path.trim_start_matches("/numbers/");
    let fields = [("attempt", attempt.as_str()), ("of", handle), ("reason", "")];
    let refused = site.ask(post("/_fn/reveal-number", &fields).cookie(&cookie)).await;
    assert_eq!((refused.status, refused.location()), (StatusCode::SEE_OTHER, path.as_str()));
    let told = site.ask(get(&path).cookie(&cookie)).await;
    says(&told, &["A reason is required; it is recorded."]);
    let fields = [
        ("attempt", attempt.as_str()),
        ("of", handle),
        ("asked", "range=7d&next=//evil.example"),
        ("reason", "the user calls"),
    ];
    let shown = site.ask(post("/_fn/reveal-number", &fields).cookie(&cookie)).await;
    assert_eq!(shown.location(), format!("{path}?range=7d"), "where it was asked");
    let told = site.ask(get(shown.location()).cookie(&cookie)).await;
    says(&told, &[ANNA, "The audit log records that you saw it, and why."]);
    let again = site.ask(get(&path).cookie(&cookie)).await;
    assert!(!again.text.contains(ANNA), "once");
    // Whatever the field contains, the redirect leads to a page of the console.
    let fields = [("attempt", attempt.as_str()), ("of", "/evil.example"), ("reason", "x")];
    let shown = site.ask(post("/_fn/reveal-number", &fields).cookie(&cookie)).await;
    assert_eq!(shown.location(), format!("/attempts/{attempt}"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn blocking_begins_at_the_page(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in("lead@example.com").await;
    let answer = site.ask(get(&number(&site, ANNA).await).cookie(&cookie)).await;
    let href = links(&answer).into_iter().find(|href| href.contains("open=4")).unwrap();
    let form = site.ask(get(&href.replace("&amp;", "&")).cookie(&cookie)).await;
    assert!(form.text.contains("value=\"+491511234xxxx\""), "{}", form.text);
    let fields =
        [("value", "+491511234xxxx"), ("kind", ""), ("lasts", "3600"), ("reason", "pumping")];
    site.ask(post("/_fn/block", &fields).cookie(&cookie)).await;
    let answer = site.ask(get(&number(&site, ANNA).await).cookie(&cookie)).await;
    says(&answer, &["Blocked +491511234xxxx", "pumping"]);
    let masked = site.page("auditor", &number(&site, ANNA).await).await;
    says(&masked, &["Blocked +491511•••xxxx", "pumping"]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn addresses_that_name_nobody_say_why(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in("admin@example.com").await;
    let foreign = HandleKey::new(&[9; 32]).number(ANNA.parse().unwrap());
    let user = site.engine.handles.user("anna@example.com").await.unwrap();
    let own = number(&site, ANNA).await;
    let turned = own.replace("/numbers/", "/users/");
    let long = format!("/numbers/n_{}", "A".repeat(4_000));
    for (path, part) in [
        (format!("/numbers/{foreign}"), "was made by another store"),
        (format!("/users/{}", foreign.replacen("n_", "u_", 1)), "was made by another store"),
        (format!("/numbers/{user}"), "names a user, not a number"),
        (turned, "names a number, not a user"),
        ("/numbers/+4915112345678".to_owned(), "never the digits"),
        ("/users/anna@example.com".to_owned(), "does not lead to a user"),
        ("/users/%27%20or%201%3D1".to_owned(), "does not lead to a user"),
        (long, "does not lead to a number"),
        ("/ips/203.0.113".to_owned(), "is not an IP address"),
        ("/ips/203.0.113.0%2F24".to_owned(), "is not an IP address"),
    ] {
        let answer = site.ask(get(&path).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        says(&answer, &[part]);
        let shown = words(&answer);
        assert!(!shown.contains("4915112345678") && !shown.contains("anna@"), "{shown}");
    }
    for path in ["/numbers/%FF", "/ips/%FF%FE", "/users/u_%C3%28"] {
        let answer = site.ask(get(path).cookie(&cookie)).await;
        let expected = [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST];
        assert!(expected.contains(&answer.status), "{path}: {}", answer.status);
    }
    // Wrong parameters get a message, and the page is shown.
    for (query, part) in [
        ("range=never", "The range must be one of"),
        ("from=2026-11-20&to=2026-11-19", "The range could not be read"),
        ("from=1926-01-01", "The range could not be read"),
        ("channel=pigeon", "The channel"),
        ("before=%27", "The position in the URL is not valid"),
        ("before=%FF", "The position in the URL is not valid"),
    ] {
        let answer = site.ask(get(&format!("{own}?{query}")).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        says(&answer, &[part, "Attempts2"]);
    }
    let nobody = site.page("admin", &number(&site, "+14155550100").await).await;
    says(&nobody, &["No attempts in this range.", "Widen it"]);
    let stranger = site.ask(get(&own)).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}
