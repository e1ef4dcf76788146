//! The sign-in log over its pages: filters, handles, pages, roles, and bad input.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestResponse, TestServer, get, post};
use domain::Channel;
use domain::gate::Verdict;
use domain::roles::Role;
use engine::gate::DecisionCaller;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

const ANNA: &str = "+4915112345678";

async fn site(pool: PgPool) -> TestServer {
    let site = TestServer::at(pool, noon()).await;
    site.account("admin@example.com", Role::Admin).await;
    site.account("auditor@example.com", Role::Auditor).await;
    site
}

fn event(id: usize, minute: usize, user: &str, phone: &str) -> Value {
    json!({
        "id": id.to_string(), "kind": "sent", "channel": "sms", "journey": format!("j{id}"),
        "time": format!("2026-11-20T11:{:02}:{:02}Z", minute % 60, id % 60),
        "user": user, "phone": phone, "ip": "203.0.113.9", "flow": "B2C_1_signin",
    })
}

/// Anna's failed call, and two messages of another user.
async fn filled(pool: PgPool) -> TestServer {
    let site = site(pool).await;
    let anna =
        [("requested", 0, Value::Null), ("sent", 1, Value::Null), ("failed", 20, json!("busy"))];
    for (kind, second, reason) in anna {
        let mut event = event(1, 30, "Anna@Example.com", ANNA);
        event["id"] = json!(kind);
        event["kind"] = json!(kind);
        event["time"] = json!(format!("2026-11-20T11:30:{second:02}Z"));
        event["channel"] = json!("voice");
        event["reason"] = reason;
        event["extra"] = json!({ "dialled": "0049 151 12345678", "leg": { "number": 2 } });
        event["cost"] = json!({ "amount": "0.0300", "currency": "EUR" });
        site.submit(&[event]).await;
    }
    let other = "o'hara%_<b>@example.com";
    site.submit(&[event(2, 10, other, "+14155550100"), event(3, 12, other, "+14155550100")]).await;
    site
}

fn rows(answer: &TestResponse) -> usize {
    answer.text.matches("href=\"/attempts/").count()
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_log_lists_attempts_newest_first(pool: PgPool) {
    let site = filled(pool).await;
    let log = site.page("admin", "/sign-ins").await;
    assert_eq!((log.status, rows(&log)), (StatusCode::OK, 3), "{}", log.text);
    log.has(&["<title>Sign-in log", ANNA, "Anna@Example.com", "Failed", "Line busy", "Voice"]);
    let at = |part: &str| log.text.find(part).unwrap_or_else(|| panic!("no {part}"));
    assert!(at("11:30:00") < at("11:12:03") && at("11:12:03") < at("11:10:02"));
    assert!(log.text.contains("o'hara%_&lt;b&gt;@example.com"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn each_filter_finds_its_attempts(pool: PgPool) {
    let site = filled(pool).await;
    let cookie = site.sign_in("admin@example.com").await;
    for (query, count) in [
        ("ip=203.0.113.9", 3),
        ("ip=203.0.113.10", 0),
        ("channel=voice", 1),
        ("outcome=sent", 2),
        ("outcome=failed&reason=busy", 1),
        ("region=DE", 1),
        ("flow=B2C_1_signin", 3),
        ("flow=B2C_1_signi_", 0),
        ("reason=no_answer", 0),
        ("range=15m", 0),
        ("from=2026-11-20T11:11:00Z&to=2026-11-20T11:20:00Z", 1),
        ("from=2026-11-18&to=2026-11-19", 0),
    ] {
        let answer = site.ask(get(&format!("/sign-ins?{query}")).cookie(&cookie)).await;
        assert_eq!((answer.status, rows(&answer)), (StatusCode::OK, count), "{query}");
        let by_time = query.starts_with("range") || query.starts_with("from");
        let said = if by_time {
            "No attempts in this range."
        } else {
            "No attempt in this range matches."
        };
        assert_eq!(answer.text.contains(said), count == 0, "{query}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_typed_leaves_the_address(pool: PgPool) {
    let site = filled(pool).await;
    let cookie = site.sign_in("admin@example.com").await;
    for (query, count) in [
        (format!("user={}", escaped(" ANNA@example.com ")), 1),
        (format!("user={}&range=7d", escaped("o'hara%_<b>@example.com")), 2),
        (format!("number={}", escaped("+49 151 1234-5678")), 1),
        (format!("number={}&user={}", escaped("+14155550100"), escaped("anna@example.com")), 0),
        (format!("user={}", escaped("nobody' or '1'='1")), 0),
    ] {
        let answer = site.ask(get(&format!("/sign-ins?{query}")).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{query}: {}", answer.text);
        let to = answer.location().to_owned();
        assert!(!to.contains("example") && !to.contains("1234"), "{to}");
        let answer = site.ask(get(&to).cookie(&cookie)).await;
        assert_eq!((answer.status, rows(&answer)), (StatusCode::OK, count), "{query}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_sees_masks_everywhere(pool: PgPool) {
    let site = filled(pool).await;
    let log = site.page("auditor", "/sign-ins").await;
    assert_eq!(rows(&log), 3);
    assert!(log.text.contains("+491511•••••78") && !log.text.contains("name=\"number\""));
    // The number's own link filters by its handle.
    let handle = site.engine.handles.number(ANNA.parse().unwrap()).await.unwrap();
    let mine = site.page("auditor", &format!("/sign-ins?number={handle}")).await;
    assert_eq!(rows(&mine), 1);
    assert!(mine.text.contains("Number: +491511•••••78"));
    // Typed digits are refused with a message and not looked up.
    let typed = site.page("auditor", &format!("/sign-ins?number={}", escaped(ANNA))).await;
    assert_eq!((typed.status, rows(&typed)), (StatusCode::OK, 0));
    assert!(typed.text.contains("cannot search by typed digits"), "{}", typed.text);

    let id = attempt(&log);
    let whole = site.page("auditor", &format!("/attempts/{id}")).await;
    for page in [&log, &mine, &typed, &whole] {
        assert!(!page.text.contains("12345678"), "a whole number stands in {}", page.text);
    }
    assert!(whole.text.contains("Show the full number"));
}

/// The first attempt that a page links to: Anna's.
fn attempt(log: &TestResponse) -> String {
    let at = log.text.find("/attempts/").unwrap() + "/attempts/".len();
    log.text[at..at + 36].to_owned()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_attempt_tells_its_events(pool: PgPool) {
    let site = filled(pool).await;
    let id = attempt(&site.page("admin", "/sign-ins").await);
    let answer = site.page("admin", &format!("/attempts/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.has(&[
        "<h1>Attempt</h1>",
        "Failed: line busy, 20 Nov 2026, 11:30:20 UTC.",
        "from <!>shop",
        "leg.number",
        "0049 151 12345678",
        "0.0300 EUR",
        "/users/u_",
        "/numbers/n_",
        "/ips/203.0.113.9",
        "/sign-ins?user=u_",
        "/sign-ins?number=n_",
        "/sign-ins?ip=203.0.113.9",
    ]);
    assert_eq!(answer.text.matches("timeline-source").count(), 3);
    assert!(!answer.text.contains("Show the full number"), "an admin sees it anyway");
    for path in ["/attempts/00000000-0000-0000-0000-000000000001", "/attempts/x", "/attempts/%FF"] {
        let none = site.page("admin", path).await;
        let expected = [StatusCode::NOT_FOUND, StatusCode::BAD_REQUEST];
        assert!(expected.contains(&none.status), "{path}: {}", none.status);
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_attempt_shows_what_the_gate_decided(pool: PgPool) {
    let site = site(pool).await;
    let number = "+14155550100";
    let caller = || DecisionCaller { key: "shop app".to_owned(), from: [192, 0, 2, 1].into() };
    let mut ask = domain::gate::DecisionRequest::new(number, Channel::Sms);
    ask.journey = Some("j9".to_owned());
    let decide = async |ask: &domain::gate::DecisionRequest| {
        site.engine.gate.decide(caller(), ask.clone(), "").await.unwrap().decision.verdict
    };
    for _ in 0..5 {
        assert_eq!(decide(&ask).await, Verdict::Allow);
    }
    assert_eq!(decide(&ask).await, Verdict::Delay);
    let rule = json!({ "number_rules": [{ "numbers": number, "action": "deny" }] });
    site.save("rules", rule).await;
    assert_eq!(decide(&ask).await, Verdict::Deny);

    let path = format!("/attempts/{}", domain::events::attempt_of("j9"));
    let whole = site.page("admin", &path).await;
    let masked = site.page("auditor", &path).await;
    for answer in [&whole, &masked] {
        assert_eq!(answer.status, StatusCode::OK);
        answer.has(&[
            "<dt>The gate’s answer</dt><dd>Allowed</dd>",
            "<dt>The gate’s answer</dt><dd>Delayed for 10 min</dd>",
            "<dt>The gate’s answer</dt><dd>Refused</dd>",
            "<dt>API key</dt><dd>shop app</dd>",
            "<dt>Type of number</dt><dd>Fixed line or mobile</dd>",
            "<b>Limit per number</b>",
            "6 of 5 in 10 min",
            "5 per 10 min per number",
            "<b>Number rule</b>",
        ]);
    }
    assert!(whole.text.contains(number));
    assert!(!masked.text.contains("4155550100"), "{}", masked.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_number_is_shown_once_and_only_on_the_record(pool: PgPool) {
    let site = filled(pool).await;
    let id = attempt(&site.page("auditor", "/sign-ins").await);
    let path = format!("/attempts/{id}");
    let cookie = site.sign_in("auditor@example.com").await;
    let ask = async |id: &str, reason: &str| {
        let form = [("attempt", id), ("reason", reason)];
        site.ask(post("/_fn/reveal-number", &form).cookie(&cookie)).await
    };
    let shown = async || site.ask(get(&path).cookie(&cookie)).await.text;
    let noted = async || -> i64 {
        site.value("select count(*) from audit_whole where activity = 'Number revealed'").await
    };

    let long = "x".repeat(501);
    for (reason, said) in [("  ", "A reason is required"), (&*long, "1 to 500 characters")] {
        let answer = ask(&id, reason).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, &*path));
        let html = shown().await;
        assert!(html.contains(said) && !html.contains(ANNA), "{html}");
    }
    assert_eq!(ask("x' or 1", "why").await.location(), "/sign-ins");
    let missing = ask("00000000-0000-0000-0000-000000000001", "why").await;
    assert_eq!(missing.status, StatusCode::SEE_OTHER);
    assert_eq!(noted().await, 0);

    let answer = ask(&id, "Anna calls: is it +4915112345678?").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(noted().await, 1);
    assert!(shown().await.contains(ANNA));
    assert!(!shown().await.contains(ANNA), "shown once");
    let entry: (String, String, String) = sqlx::query_as(
        "select actor, object, after::text from audit_whole where activity = 'Number revealed'",
    )
    .fetch_one(site.db.read())
    .await
    .unwrap();
    assert_eq!((entry.0.as_str(), entry.1), ("auditor@example.com", format!("attempt {id}")));
    assert!(entry.2.contains("Anna calls") && entry.2.contains("+491511•••••78"), "{}", entry.2);
    assert!(!entry.2.contains("12345678"), "auditors read the log too: {}", entry.2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn pages_lead_through_the_whole_log_and_back(pool: PgPool) {
    let site = site(pool).await;
    let events: Vec<_> =
        (0..120).map(|n| event(n, n / 3, "anna", &format!("+49151123450{:02}", n % 100))).collect();
    site.submit(&events).await;
    let cookie = site.sign_in("admin@example.com").await;
    let (mut path, mut seen, mut sizes) =
        ("/sign-ins?channel=sms".to_owned(), Vec::new(), Vec::new());
    loop {
        let answer = site.ask(get(&path).cookie(&cookie)).await;
        let found = answer.text.match_indices("href=\"/attempts/");
        let ids: Vec<_> =
            found.map(|(at, part)| answer.text[at + part.len()..][..36].to_owned()).collect();
        sizes.push(ids.len());
        seen.extend(ids);
        match link(&answer, "next") {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(sizes, [50, 50, 20]);
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), 120);
    let last = site.ask(get(&path).cookie(&cookie)).await;
    let back = site.ask(get(&link(&last, "prev").unwrap()).cookie(&cookie)).await;
    assert!(back.text.contains(&seen[50]) && back.text.contains(&seen[99]));
    assert_eq!(rows(&back), 50);
    assert!(link(&back, "next").is_some() && link(&back, "prev").is_some());
}

/// Where a page's link of this relation leads.
fn link(answer: &TestResponse, rel: &str) -> Option<String> {
    let at = answer.text.find(&format!("rel=\"{rel}\""))?;
    let around = &answer.text[answer.text[..at].rfind("<a").unwrap()..];
    let href = around.split("href=\"").nth(1)?.split('"').next()?;
    Some(href.replace("&amp;", "&"))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_addresses_are_told_in_words(pool: PgPool) {
    let site = filled(pool.clone()).await;
    let cookie = site.sign_in("admin@example.com").await;
    let (user, number) = {
        let other = domain::handles::HandleKey::new(&[9; 32]);
        (other.user("anna@example.com"), other.number(ANNA.parse().unwrap()))
    };
    let mine = site.engine.handles.number(ANNA.parse().unwrap()).await.unwrap();
    let long = "x".repeat(10_240);
    for (query, said) in [
        (format!("user={user}"), "made by another store"),
        (format!("number={number}"), "made by another store"),
        (format!("user={mine}"), "Names a number, not a user."),
        (format!("user={long}"), "at most 320 characters"),
        (format!("number={long}"), "plus sign followed by digits"),
        (format!("flow={long}"), "at most 320 characters"),
        ("number=49151".to_owned(), "plus sign followed by digits"),
        ("user=a%00b".to_owned(), "control characters"),
        ("ip=203.0.113".to_owned(), "an IPv4 or IPv6 address"),
        ("channel=pigeon".to_owned(), "Must be one of voice, sms"),
        ("outcome='".to_owned(), "Must be one of requested"),
        ("region=Germany".to_owned(), "two capital letters"),
        ("reason=%25".to_owned(), "a known reason"),
    ] {
        let answer = site.ask(get(&format!("/sign-ins?{query}")).cookie(&cookie)).await;
        assert_eq!((answer.status, rows(&answer)), (StatusCode::OK, 0), "{query:.60}");
        assert!(answer.text.contains(said), "{query:.60} says {}", answer.text);
        assert!(answer.text.contains("Nothing is shown, because a filter is not valid."));
    }
    // Bad values that filter nothing are replaced, with a message.
    for (query, said) in [
        ("before=x", "The position in the URL is not valid"),
        ("before=1.6f0f2f3e000040008000000000000001", "The position in the URL is not valid"),
        ("after=%27%3B%20drop%20table%20attempt", "The position in the URL is not valid"),
        ("range=6m", "The range must be one of"),
        ("from=yesterday", "The range could not be read"),
        ("unknown=1&%FF=%FE", "Anna@Example.com"),
    ] {
        let answer = site.ask(get(&format!("/sign-ins?{query}")).cookie(&cookie)).await;
        assert_eq!((answer.status, rows(&answer)), (StatusCode::OK, 3), "{query}");
        assert!(answer.text.contains(said), "{query} says {}", answer.text);
    }
    // Invalid UTF-8 is an unreadable filter.
    let answer = site.ask(get("/sign-ins?user=%FF%FE").cookie(&cookie)).await;
    assert_eq!((answer.status, rows(&answer)), (StatusCode::OK, 0));
    assert!(answer.text.contains("Must be text in UTF-8."), "{}", answer.text);
}
