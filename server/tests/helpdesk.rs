//! The help-desk search on its page: results, messages, actions, and bad input.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TestResponse, TestServer, get, post};
use domain::audit::By;
use domain::blocks::{BlockFields, NewBlock};
use domain::roles::Role;
use http::StatusCode;
use serde_json::json;
use sqlx::PgPool;

const ANNA: &str = "+4915112345678";
const JOURNEY: &str = "B2C journey 7/%'";

/// Anna's four attempts of today, of which the first is verified, and one of another user.
async fn site(pool: PgPool) -> TestServer {
    let now = domain::period::parse_time("2026-11-20T15:00:00Z").unwrap();
    let site = TestServer::at(pool, now).await;
    for role in [Role::SecurityLead, Role::Auditor] {
        site.account(&format!("{role}@example.com"), role).await;
    }
    let told = [
        ("1", "verified", "anna@example.com", ANNA, ""),
        ("2", "failed", "Anna@Example.com", ANNA, "busy"),
        ("3", "failed", "anna@example.com", ANNA, "busy"),
        ("4", "failed", "anna@example.com", ANNA, "hung_up"),
        ("5", "sent", "o'hara%_<b>", "+14155550100", ""),
    ];
    let events = told.map(|(id, kind, user, phone, reason)| {
        json!({
            "id": id, "kind": kind, "user": user, "phone": phone, "channel": "sms",
            "journey": if id == "4" { JOURNEY } else { id }, "reason": reason,
            "time": format!("2026-11-20T12:0{id}:00Z"), "ip": "203.0.113.9",
        })
    });
    site.submit(&events).await;
    site
}

async fn block(site: &TestServer, kind: &str, value: &str) -> String {
    let until = "2027-02-18T15:00:00Z";
    let fields = BlockFields { kind, value, until, reason: "lost phone", ..BlockFields::default() };
    let new = NewBlock::read(fields, site.engine.clock().now()).unwrap();
    let by = By::account("lead@example.com", "192.0.2.1".parse().unwrap());
    engine::blocks::add(&site.db, &by, &new, false).await.unwrap().id.to_string()
}

fn asked(q: &str) -> String {
    format!("/search?q={}", form_urlencoded::byte_serialize(q.as_bytes()).collect::<String>())
}

/// Searches, and follows the redirect.
async fn ask(site: &TestServer, cookie: &str, q: &str) -> TestResponse {
    let answer = site.ask(get(&asked(q)).cookie(cookie)).await;
    if answer.status != StatusCode::SEE_OTHER {
        return answer;
    }
    let to = answer.location().to_owned();
    assert!(to.starts_with("/search?q=u_") || to.starts_with("/search?q=n_"), "{to}");
    site.ask(get(&to).cookie(cookie)).await
}

/// The session of an account that may block.
async fn lead(site: &TestServer) -> String {
    site.sign_in("security-lead@example.com").await
}

#[track_caller]
fn says(answer: &TestResponse, parts: &[&str]) {
    assert_eq!(answer.status, StatusCode::OK);
    answer.has(parts);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_user_is_told_why(pool: PgPool) {
    let site = site(pool).await;
    let cookie = lead(&site).await;
    block(&site, "user", "anna@example.com").await;
    for q in ["anna@example.com", " ANNA@example.com ", JOURNEY] {
        let answer = ask(&site, &cookie, q).await;
        says(
            &answer,
            &[
                "is blocked since 15:00 (by lead@example.com: lost phone) until 18 Feb 2027.",
                "Of the last 4 attempts of this name in 24 hours 3 failed: line busy (2), hung up \
                 (1); 1 was verified.",
                "The number +4915112345678 was last verified 2 hours ago.",
                "/users/u_",
                "/numbers/n_",
                "/_fn/search-unblock",
                "/_fn/search-bypass",
            ],
        );
        assert_eq!(answer.text.contains("/attempts/"), q == JOURNEY, "{q}");
    }
    let nobody = ask(&site, &cookie, "nobody' or '1'='1").await;
    says(&nobody, &["No attempt of this name in the last 90 days.", "is not blocked."]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_the_gate_refused_is_told(pool: PgPool) {
    let site = site(pool).await;
    let mut wanted = domain::gate::DecisionRequest::new(ANNA, domain::Channel::Sms);
    wanted.user = Some("anna@example.com".to_owned());
    let caller =
        || engine::gate::DecisionCaller { key: "app".to_owned(), from: [192, 0, 2, 1].into() };
    let decide = async || site.engine.gate.decide(caller(), wanted.clone(), "").await.unwrap();
    for _ in 0..6 {
        decide().await;
    }
    block(&site, "number", ANNA).await;
    let blocked = decide().await;
    assert_eq!(blocked.decision.reasons[0].code.as_str(), "block_number");
    let told = [
        "The gate refused a code just now: 6 codes for this number in 10 min; 5 are allowed. The \
         next code can be requested at 15:10.",
        "The gate refused a code just now: ",
        "is blocked",
    ];
    let cookie = lead(&site).await;
    for q in ["anna@example.com", ANNA] {
        let answer = self::ask(&site, &cookie, q).await;
        says(&answer, &told);
        assert_eq!(answer.text.matches("The gate refused a code").count(), 2, "{q}");
    }
    let cookie = site.sign_in("auditor@example.com").await;
    let answer = self::ask(&site, &cookie, "anna@example.com").await;
    says(&answer, &told);
    assert!(!answer.text.contains("5112345678"), "{}", answer.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_number_an_address_and_an_attempt_are_found(pool: PgPool) {
    let site = site(pool).await;
    let cookie = lead(&site).await;
    block(&site, "number_block", "+49151123456xx").await;
    let number = ask(&site, &cookie, "+49 151 1234-5678").await;
    says(
        &number,
        &["+49151123456xx is blocked since", "attempts to this number", "It was tried by"],
    );
    let ip = ask(&site, &cookie, "203.0.113.9").await;
    says(&ip, &["Of the last 5 attempts from this address", "/ips/203.0.113.9"]);
    assert!(ip.text.contains("o'hara%_&lt;b&gt;"), "{}", ip.text);
    let id = domain::events::attempt_of(JOURNEY).to_string();
    for q in [&id, &id.to_uppercase()] {
        let attempt = ask(&site, &cookie, q).await;
        says(&attempt, &["3 failed", &format!("/attempts/{id}")]);
    }
    let unknown = ask(&site, &cookie, "00000000-0000-0000-0000-000000000001").await;
    says(&unknown, &["No attempt of this name in the last 90 days."]);
}

/// What a number's digits tell, also if no event has the number.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_number_is_looked_at(pool: PgPool) {
    let site = site(pool).await;
    let cookie = lead(&site).await;
    for (q, said) in [
        (ANNA, ["Germany (DE), +49", "Mobile", "Yes", "+491511234xxxx"]),
        ("+1 876 555 1234", ["Jamaica (JM), +1", "Mobile", "Yes", "+1876555xxxx"]),
        (
            "+44 1534 960123",
            ["Jersey (JE), +44", "No, but possible by its length", "Unknown type", "not valid: it"],
        ),
        (
            "+1 415 555 010",
            [
                "not possible either",
                "has 9 digits after +1",
                "numbers there have 10",
                "+141555xxxx",
            ],
        ),
        ("+999 1234567", ["not possible either", "+999 leads nowhere", "No attempt", "<dl"]),
    ] {
        says(&ask(&site, &cookie, q).await, &said);
    }
    let user = ask(&site, &cookie, "anna@example.com").await;
    assert!(!user.text.contains("Block of numbers"), "a user is no number");
    for (q, said) in [
        ("+1415555CALL", "must be a plus sign followed by digits only"),
        ("+14155550100 ext. 12", "must be a plus sign followed by digits only"),
        ("+1415555010012345", "has 16 digits; 7 to 15 are allowed"),
    ] {
        says(&ask(&site, &cookie, q).await, &[said, "aria-invalid"]);
    }
    let cookie = site.sign_in("auditor@example.com").await;
    let handle = site.engine.handles.number(ANNA.parse().unwrap()).await.unwrap();
    let masked = ask(&site, &cookie, &handle).await;
    says(&masked, &["Germany (DE), +49", "+491511•••xxxx"]);
    assert!(!masked.text.contains("1511234"), "digits stand in {}", masked.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn unblocking_needs_a_reason_and_is_on_record(pool: PgPool) {
    let site = site(pool).await;
    let cookie = lead(&site).await;
    let id = block(&site, "user", "anna@example.com").await;
    let q = site.engine.handles.user("anna@example.com").await.unwrap();
    let send = async |reason: &str| {
        let form = [("q", &*q), ("id", &id), ("reason", reason)];
        let answer = site.ask(post("/_fn/search-unblock", &form).cookie(&cookie)).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, &*asked(&q)));
        site.ask(get(&asked(&q)).cookie(&cookie)).await
    };
    says(&send(" ").await, &["A reason is required; it is recorded.", "is blocked since"]);
    says(&send("it was her").await, &["anna@example.com is unblocked.", "is not blocked"]);
    says(&send("again").await, &["That block is no longer active."]);
    let entry: String =
        site.value("select actor from audit_whole where activity = 'Unblocked'").await;
    assert_eq!(entry, "security-lead@example.com");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_bypass_is_given_once(pool: PgPool) {
    let site = site(pool).await;
    let cookie = lead(&site).await;
    let q = site.engine.handles.user("anna@example.com").await.unwrap();
    let foreign = domain::handles::HandleKey::new(&[9; 32]).user("anna@example.com");
    let send = async |of: &str, seconds: &str, reason: &str| {
        let form = [("q", &*q), ("of", of), ("seconds", seconds), ("reason", reason)];
        let answer = site.ask(post("/_fn/search-bypass", &form).cookie(&cookie)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        site.ask(get(&asked(&q)).cookie(&cookie)).await
    };
    says(&send(&q, "3600", "").await, &["A reason is required"]);
    says(&send(&q, "x", "travels").await, &["Must be a whole number from 1 to 604800", "travels"]);
    says(&send(&foreign, "3600", "travels").await, &["made by another store"]);
    let given = send(&q, "3600", "travels").await;
    says(
        &given,
        &[
            "anna@example.com is let through once, until 20 Nov 2026, 16:00 UTC.",
            "A one-time bypass of anna@example.com is open until 16:00 (by security-lead@example.com: travels).",
        ],
    );
    assert!(!given.text.contains("/_fn/search-bypass"), "one is open already");
    let again = site
        .ask(
            post(
                "/_fn/search-bypass",
                &[("q", "203.0.113.9"), ("of", &q), ("seconds", "60"), ("reason", "again")],
            )
            .cookie(&cookie),
        )
        .await;
    assert_eq!(again.location(), "/search?q=203.0.113.9");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_auditor_sees_masks_and_no_forms(pool: PgPool) {
    let site = site(pool).await;
    let cookie = site.sign_in("auditor@example.com").await;
    block(&site, "number", ANNA).await;
    let handle = site.engine.handles.number(ANNA.parse().unwrap()).await.unwrap();
    let user = ask(&site, &cookie, "anna@example.com").await;
    let number = ask(&site, &cookie, &handle).await;
    let typed = ask(&site, &cookie, ANNA).await;
    says(
        &user,
        &["+491511•••••78 is blocked since", "The number +491511•••••78 was last verified"],
    );
    says(&number, &["+491511•••••78 is blocked since"]);
    says(&typed, &["Your role cannot look up numbers by their digits."]);
    for page in [&user, &number, &typed] {
        assert!(!page.text.contains("12345678"), "a whole number stands in {}", page.text);
        assert!(!page.text.contains("/_fn/search-"), "an auditor changes nothing");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_questions_are_told_in_words(pool: PgPool) {
    let site = site(pool).await;
    let cookie = lead(&site).await;
    let long = "x".repeat(10_240);
    let foreign = domain::handles::HandleKey::new(&[9; 32]).user("anna");
    for (q, said) in [
        ("", "Type a user, a number"),
        (&*long, "at most 320 characters"),
        ("a\0b", "cannot contain control characters"),
        ("0151 1234567", "begins with a plus sign"),
        ("+49", "The number has 2 digits"),
        (&*foreign, "made by another store"),
    ] {
        let answer = ask(&site, &cookie, q).await;
        says(&answer, &[said]);
        assert!(!answer.text.contains("answer-title"), "{q:.40}");
    }
    for (path, status) in [("/search", 200), ("/search?q=%FF%FE", 302), ("/search?q=a&q=%00", 422)]
    {
        let answer = site.ask(get(path).cookie(&cookie)).await;
        let refused = answer.status.as_u16() >= 400;
        assert_eq!(refused, status == 422, "{path}: {}", answer.status);
    }
    // The search box is on every page but its own.
    let page = site.ask(get("/sign-ins").cookie(&cookie)).await;
    says(&page, &["id=\"find-q\""]);
    assert!(!site.ask(get("/search").cookie(&cookie)).await.text.contains("id=\"find-q\""));
}
