//! What an API key may do, tried through the router: whose events it writes, what its events are
//! believed, how often it asks (contract, section 11).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::{Ask, Site};
use domain::audit::By;
use domain::keys::{KeyName, Marks, Rate, parse_sources};
use domain::roles::Scope;
use engine::keys::NewKey;
use engine::settings;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use store::Clock;
use tollwarden_server::config::Config;

const PHONE: &str = "+14155550100";

async fn site(pool: &PgPool) -> Site {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    Site::with(pool.clone(), Clock::fixed(now), &Config::default()).await
}

fn new(name: &str, scope: Scope) -> NewKey {
    NewKey::new(KeyName::parse(name).unwrap(), vec![scope])
}

/// A key that writes events, with these sources and marks.
async fn writer(site: &Site, name: &str, sources: &str, marks: &[&str]) -> String {
    let sources = parse_sources(sources).unwrap();
    let marks = Marks::of(marks.iter().copied());
    site.make(NewKey { sources, marks, ..new(name, Scope::EventsWrite) }).await
}

async fn post(site: &Site, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
    let ask = Ask::new(Method::POST, path).header("content-type", "application/json").key(key);
    let answer = site.ask(ask.body(&body.to_string())).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap())
}

async fn events(site: &Site, key: &str, body: &Value) -> (StatusCode, Value) {
    post(site, "/api/v1/events", key, body).await
}

fn sent(id: &str, source: &str) -> Value {
    json!({ "id": id, "source": source, "time": "2026-11-20T11:59:00Z", "kind": "sent",
        "phone": PHONE, "channel": "sms" })
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_key_writes_its_own_source_and_those_listed(pool: PgPool) {
    let site = site(&pool).await;
    let shop = writer(&site, "shop", "b2c", &[]).await;
    let twilio = writer(&site, "twilio", "", &[]).await;
    let own = json!({ "id": "own", "time": "2026-11-20T11:59:00Z", "kind": "sent" });
    let batch =
        json!([own, sent("1", "twilio"), sent("1", "shop"), sent("1", "b2c"), sent("2", "Shop")]);
    let (status, answer) = events(&site, &shop, &batch).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &json!(3)), "{answer}");
    let rejected: Vec<_> = answer["rejected"].as_array().unwrap().iter().collect();
    let places: Vec<_> = rejected.iter().map(|one| one["index"].as_u64().unwrap()).collect();
    assert_eq!(places, [1, 4]);
    for one in rejected {
        assert_eq!((&one["code"], &one["field"]), (&json!("source_not_allowed"), &json!("source")));
    }
    // Nobody has used the id up: it is taken from whoever it is of.
    let (_, answer) = events(&site, &twilio, &json!([sent("1", "twilio")])).await;
    assert_eq!((&answer["accepted"], &answer["duplicates"]), (&json!(1), &json!(0)));
    let (status, answer) = events(&site, &twilio, &sent("3", "b2c")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer["rejected"][0]["code"], "source_not_allowed");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn microsofts_records_are_of_the_sources_b2c_and_entra(pool: PgPool) {
    let site = site(&pool).await;
    let record = json!({ "id": "B2C_1", "category": "Authentication",
        "activityDateTime": "2026-11-20T11:59:00Z", "activityDisplayName": "Send SMS to verify phone number",
        "loggedByService": "B2C", "result": "success",
        "additionalDetails": [{ "key": "VerificationMethod", "value": "OneWaySMS" }] });
    for (name, sources, taken) in [("plain", "", 0), ("azure", "b2c,entra", 1), ("b2c", "", 1)] {
        let key = writer(&site, name, sources, &[]).await;
        let (_, answer) = post(&site, "/api/v1/sources/azure", &key, &json!([record])).await;
        let known = answer["accepted"].as_u64().unwrap() + answer["duplicates"].as_u64().unwrap();
        assert_eq!(known, taken, "{name}: {answer}");
        if taken == 0 {
            assert_eq!(answer["rejected"][0]["code"], "source_not_allowed");
        }
    }
}

async fn set(site: &Site, rules: Value) {
    let kind = settings::section("rules").unwrap();
    settings::save(&site.db, &By::command(), kind, None, rules).await.unwrap();
}

async fn decide(site: &Site, key: &str) -> Value {
    let body = json!({ "phone": PHONE, "channel": "sms" });
    let dry = "/api/v1/decisions?dry_run=true";
    let (status, answer) = post(site, dry, key, &body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn only_a_marked_keys_sends_and_costs_move_limits_and_caps(pool: PgPool) {
    let one = site(&pool).await;
    let asks = one.make(new("app", Scope::DecisionsWrite)).await;
    let rules = json!({ "limits": [{ "per": "number", "limit": 5, "window": 600, "action": "delay" }],
        "spend": { "currency": "EUR", "caps": [{ "window": 3600, "amount": "1.00" }] } });
    set(&one, rules).await;
    let ten = |of: &str| -> Value {
        let event = |n: u32| {
            let kind = if n % 2 == 0 { "sent" } else { "failed" };
            json!({ "id": format!("{n}"), "time": "2026-11-20T11:59:00Z", "kind": kind,
                "journey": format!("{of}{n}"), "phone": PHONE, "channel": "sms",
                "cost": { "amount": "0.50", "currency": "EUR" } })
        };
        (0..10).map(event).collect()
    };
    let plain = writer(&one, "plain", "", &["trusted", "names"]).await;
    let (_, answer) = events(&one, &plain, &ten("plain")).await;
    assert_eq!(answer["accepted"], 10);
    let again = site(&pool).await;
    for site in [&one, &again] {
        site.engine.gate.follow().await.unwrap();
        assert_eq!(decide(site, &asks).await["verdict"], "allow", "neither live nor after a start");
        assert_eq!(site.engine.gate.spent().0, 0);
    }
    let marked = writer(&one, "marked", "", &["counts"]).await;
    events(&one, &marked, &ten("marked")).await;
    let again = site(&pool).await;
    for site in [&one, &again] {
        site.engine.gate.follow().await.unwrap();
        let decision = decide(site, &asks).await;
        let codes: Vec<_> =
            decision["reasons"].as_array().unwrap().iter().map(|why| &why["code"]).collect();
        assert_eq!(codes, ["spend_cap", "limit_number"], "{decision}");
        assert_eq!(site.engine.gate.spent().0, 10);
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_key_asks_as_often_as_its_rate(pool: PgPool) {
    let site = site(&pool).await;
    let slow = site.make(NewKey { rate: Rate::new(1).unwrap(), ..new("slow", Scope::Read) }).await;
    let ask = async || {
        let ask = Ask::new(Method::GET, "/api/v1/reports/browsers").key(&slow);
        site.ask(ask).await
    };
    // Ten requests take far less than ten seconds.
    let mut answers = Vec::new();
    for _ in 0..10 {
        answers.push(ask().await);
    }
    assert_eq!(answers[0].status, StatusCode::OK);
    let late = answers.iter().find(|one| one.status == StatusCode::TOO_MANY_REQUESTS).unwrap();
    assert_eq!(late.header("retry-after"), "1");
    assert!(late.text.contains("urn:tollwarden:rate_limited"), "{}", late.text);
}
