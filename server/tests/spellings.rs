//! One number and one address are one at every door, however they are written (`testdata/cases`,
//! 22 to 24).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod support;

use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use support::Api;

fn case(name: &str) -> Value {
    let path = format!("{}/../testdata/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn decide(api: &Api, question: &Value) -> support::Answer {
    let body = question.to_string().into_bytes();
    api.post("/api/v1/decisions?dry_run=true", "application/json", body).await
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn addresses_as_proxies_write_them(pool: PgPool) {
    let api = Api::start(pool, &["decisions:write"]).await;
    for question in case("22").as_array().unwrap() {
        let answer = decide(&api, question).await.ok();
        let unreadable = matches!(question["ip"].as_str().unwrap(), "unknown" | "");
        let notes = if unreadable { json!(["ip_unreadable"]) } else { Value::Null };
        assert_eq!(answer["notes"], notes, "{question}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn numbers_as_people_paste_them(pool: PgPool) {
    let api = Api::start(pool, &["decisions:write"]).await;
    let mut taken = 0;
    for question in case("23").as_array().unwrap() {
        let answer = decide(&api, question).await;
        let phone = question["phone"].as_str().unwrap();
        if phone.contains(['x', '/']) || !phone.contains(['+', '\u{ff0b}']) {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{phone}");
        } else {
            assert_eq!(answer.ok()["phone"]["e164"], "+14155550123", "{phone}");
            taken += 1;
        }
    }
    assert_eq!(taken, 19);
}

/// Events, decisions, blocks, bypasses, fraud reports, reports and search: each door is given one
/// spelling and asked by another.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn one_number_in_four_spellings(pool: PgPool) {
    let scopes = ["events:write", "decisions:write", "reports:write", "read", "numbers", "admin"];
    let api = Api::start(pool, &scopes).await;
    let case = case("24");
    let spellings: Vec<&str> =
        case["spellings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    for (at, phone) in spellings.iter().enumerate() {
        let event = json!({"id": at.to_string(), "time": "2026-11-20T09:00:00Z", "kind": "sent",
            "phone": phone, "channel": "sms", "journey": format!("j{at}")});
        let body = event.to_string().into_bytes();
        assert_eq!(api.post("/api/v1/events", "application/json", body).await.ok()["accepted"], 1);
    }
    let stored = "select count(*) from event where phone = '+447400123456'";
    assert_eq!(api.count(stored).await, 4);
    for phone in &spellings {
        let query = asked("number", phone);
        let report =
            format!("/api/v1/reports/attempts?format=json&from=2026-11-20&to=2026-11-21&{query}");
        let report = api.get(&report).await;
        let rows = report.text.matches("+447400123456").count();
        assert_eq!(rows, 4, "{phone}: {}", report.text);
    }
    let block = |value: &str| {
        let made = json!({"kind": "number", "value": value, "reason": "a test"});
        api.post("/api/v1/blocks", "application/json", made.to_string().into_bytes())
    };
    let made = block(spellings[0]).await;
    assert!(made.status.is_success(), "{}", made.text);
    for phone in &spellings {
        let answer = decide(&api, &json!({"phone": phone, "channel": "sms"})).await.ok();
        assert_eq!(answer["reasons"][0]["code"], "block_number", "{phone}: {answer}");
        assert_eq!(
            block(phone).await.status,
            StatusCode::CONFLICT,
            "{phone}: it is blocked already"
        );
    }
}

fn asked(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}
