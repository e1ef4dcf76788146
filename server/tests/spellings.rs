//! One number and one address are one at every door, however they are written (`testdata/cases`,
//! 22 to 24).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::TestResponse;
use common::api::Api;
use http::StatusCode;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sqlx::PgPool;

fn case(name: &str) -> Value {
    let path = format!("{}/../testdata/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

async fn decide(api: &Api, question: &Value) -> TestResponse {
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

/// Events, decisions, blocks and reports: each is given one spelling and asked by another.
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

/// Any spelling of +447400123456: with or without its trunk zero, in digits of three scripts, with
/// what people and their programs put before and between.
fn any_spelling() -> impl Strategy<Value = String> {
    let before = prop::sample::select(vec!["", "'", "tel:", "whatsapp:", " ", "\u{200e}"]);
    let plus = prop::sample::select(vec!["+", "\u{ff0b}"]);
    let trunk = prop::sample::select(vec!["", "0", "(0)"]);
    let between = vec!["", "", " ", "-", "\u{2011}", "\u{a0}", "\u{200b}", ".", ")", "("];
    let digit = (0..3_usize, prop::sample::select(between));
    let digits = prop::collection::vec(digit, 12);
    (before, plus, trunk, digits).prop_map(|(before, plus, trunk, digits)| {
        let mut text = format!("{before}{plus}");
        for (at, (letter, (script, after))) in "447400123456".chars().zip(digits).enumerate() {
            let zero = ['0', '\u{660}', '\u{ff10}'][script];
            let digit = letter.to_digit(10).unwrap();
            text.push(char::from_u32(u32::from(zero) + digit).unwrap());
            text.push_str(if at == 1 { trunk } else { after });
        }
        text
    })
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_door_reads_every_spelling(pool: PgPool) {
    const ONE: &str = "+447400123456";
    let scopes = ["events:write", "decisions:write", "reports:write", "read", "numbers", "admin"];
    let api = Api::start(pool, &scopes).await;
    let json = "application/json";
    api.put("/api/v1/settings/fraud-alerts", &json!({"allow_user_reports": true})).await.ok();
    let mut runner = TestRunner::deterministic();
    for at in 0..30 {
        let phone = any_spelling().new_tree(&mut runner).unwrap().current();
        let event = json!({"id": format!("e{at}"), "time": "2026-11-20T09:00:00Z", "kind": "sent",
            "phone": phone, "channel": "sms", "journey": format!("j{at}")});
        let taken = api.post("/api/v1/events", json, event.to_string().into_bytes()).await.ok();
        assert_eq!(taken["accepted"], 1, "{phone:?}: {taken}");

        let record = json!({
            "id": format!("B2C_{at}"),
            "category": "Authentication",
            "correlationId": format!("c{at}"),
            "result": "success",
            "activityDisplayName": "Send SMS to verify phone number",
            "activityDateTime": "2026-11-20T09:00:00.6593668Z",
            "loggedByService": "B2C",
            "additionalDetails": [
                {"key": "VerificationMethod", "value": "OneWaySMS"},
                {"key": "PhoneNumber", "value": phone},
            ],
        });
        let page = json!({"value": [record]}).to_string().into_bytes();
        let taken = api.post("/api/v1/sources/azure", json, page).await.ok();
        assert_eq!(taken["accepted"], 1, "{phone:?}: {taken}");

        let report = json!({"id": format!("r{at}"), "user": format!("u{at}"), "channel": "push",
            "phone": phone});
        let report = report.to_string().into_bytes();
        let report = api.post("/api/v1/fraud-reports", json, report).await;
        assert_eq!(report.status, StatusCode::CREATED, "{phone:?}: {}", report.text);

        let bypass = json!({"kind": "number", "value": phone, "seconds": 60, "reason": "a test"});
        let bypass = api.post("/api/v1/bypasses", json, bypass.to_string().into_bytes()).await;
        match at {
            0 => assert_eq!(bypass.json["value"], ONE, "{phone:?}: {}", bypass.text),
            _ => assert_eq!(bypass.status, StatusCode::CONFLICT, "{phone:?}: {}", bypass.text),
        }
        let bypasses = api.get("/api/v1/bypasses").await.ok();
        assert_eq!(bypasses["bypasses"][0]["value"], ONE);

        let number = asked("number", &phone);
        let report =
            format!("/api/v1/reports/attempts?format=json&from=2026-11-20&to=2026-11-21&{number}");
        let rows = api.get(&report).await.ok();
        assert_eq!(rows.as_array().map(Vec::len), Some(3 * (at + 1)), "{phone:?}");

        let decision = decide(&api, &json!({"phone": phone, "channel": "sms"})).await.ok();
        assert_eq!(decision["phone"]["e164"], ONE, "{phone:?}");

        let rule = json!({"numbers": phone, "action": "deny", "reason": "a test"});
        let rules = api.put("/api/v1/settings/rules", &json!({"number_rules": [rule]})).await.ok();
        assert_eq!(rules["number_rules"][0]["numbers"], ONE, "{phone:?}");
    }
    for (what, sql) in [
        ("events", "select count(*) from event where phone is distinct from '+447400123456'"),
        ("attempts", "select count(*) from attempt where phone is distinct from '+447400123456'"),
        ("reports", "select count(*) from fraud_report where phone <> '+447400123456'"),
    ] {
        assert_eq!(api.count(sql).await, 0, "{what}");
    }
}

fn asked(name: &str, value: &str) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}
