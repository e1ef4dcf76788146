//! What an API key may do, through the router: its sources, marks and rate (contract, section 11).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::{TestRequest, TestServer};
use domain::audit::By;
use domain::keys::{KeyName, Marks, Rate, parse_sources};
use domain::roles::Scope;
use engine::keys::NewKey;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

const PHONE: &str = "+14155550100";

async fn site(pool: &PgPool) -> TestServer {
    TestServer::at(pool.clone(), noon()).await
}

fn new(name: &str, scope: Scope) -> NewKey {
    NewKey::new(KeyName::parse(name).unwrap(), vec![scope])
}

/// A key that writes events, with these sources and marks.
async fn writer(site: &TestServer, name: &str, sources: &str, marks: &[&str]) -> String {
    let sources = parse_sources(sources).unwrap();
    let marks = Marks::of(marks.iter().copied());
    site.make(NewKey { sources, marks, ..new(name, Scope::EventsWrite) }).await
}

async fn post(site: &TestServer, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
    let answer = site.ask(TestRequest::new(Method::POST, path).key(key).json(body)).await;
    (answer.status, answer.json)
}

async fn events(site: &TestServer, key: &str, body: &Value) -> (StatusCode, Value) {
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
    // The refused event did not use the id up.
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

async fn decide(site: &TestServer, key: &str) -> Value {
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
    one.save("rules", rules).await;
    let ten = |of: &str| -> Value {
        let event = |n: u32| {
            let kind = if n.is_multiple_of(2) { "sent" } else { "failed" };
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
        let ask = TestRequest::new(Method::GET, "/api/v1/reports/browsers").key(&slow);
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

/// A recipient of all kinds of alert.
async fn recipient(site: &TestServer) {
    let admin = site.make(new("recipients", Scope::Admin)).await;
    let body = json!({ "kind": "email", "address": "soc@example.com" });
    let (status, answer) = post(site, "/api/v1/recipients", &admin, &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

async fn outbox_lines(pool: &PgPool, kind: &str) -> Vec<(i64, String)> {
    sqlx::query_as("select count, payload->>'line' from outbox where alert = $1 order by created")
        .bind(kind)
        .fetch_all(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_cost_that_nobody_can_believe_is_kept_and_does_not_count(pool: PgPool) {
    let one = site(&pool).await;
    recipient(&one).await;
    let rules = json!({ "spend": { "currency": "EUR",
        "prices": [{ "to": "US", "channel": "*", "amount": "0.04" }] } });
    one.save("rules", rules).await;
    let key = writer(&one, "twilio", "", &["counts"]).await;
    let cost = |id: u32, phone: &str, amount: &str, currency: &str| {
        json!({ "id": id.to_string(), "time": "2026-11-20T11:59:00Z", "kind": "sent",
            "phone": phone, "channel": "sms", "cost": { "amount": amount, "currency": currency } })
    };
    let german = "+4915112345678";
    let batch = json!([
        cost(1, PHONE, "0.40", "EUR"),
        cost(2, PHONE, "0.41", "EUR"),
        cost(3, PHONE, "900", "EUR"),
        cost(4, german, "10", "EUR"),
        cost(5, german, "10.01", "EUR"),
        cost(6, german, "500", "JPY"),
    ]);
    let (_, answer) = events(&one, &key, &batch).await;
    assert_eq!(answer["accepted"], 6, "{answer}");
    let again = site(&pool).await;
    for site in [&one, &again] {
        site.engine.gate.follow().await.unwrap();
        let (sends, spent) = site.engine.gate.spent();
        // Two events get the table's price instead of the odd one; the other region has no price.
        assert_eq!((sends, spent.amount, spent.unpriced), (6, 10_480_000_000, 2));
    }
    let told = outbox_lines(&pool, "odd_cost").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, 3);
    for words in
        ["twilio reports that a code to United States (US) cost 900.00 EUR", "0.04", "10.01"]
    {
        assert!(told[0].1.contains(words), "{words}: {}", told[0].1);
    }
    let kept = "select count(*) from event where cost_amount = 900";
    assert_eq!(one.value::<i64>(kept).await, 1);
    // Once an hour for a source and a region.
    events(&one, &key, &json!([cost(7, PHONE, "900", "EUR")])).await;
    let told = "select sum(count)::bigint from outbox where alert = 'odd_cost'";
    assert_eq!(one.value::<i64>(told).await, 3);
}

async fn verdict_for(site: &TestServer, key: &str, user: &str) -> Value {
    site.engine.gate.follow().await.unwrap();
    let body = json!({ "phone": PHONE, "channel": "sms", "user": user });
    post(site, "/api/v1/decisions?dry_run=true", key, &body).await.1["verdict"].clone()
}

fn named(id: &str, user: &str, other: &str) -> Value {
    json!({ "id": id, "time": "2026-11-20T11:59:00Z", "kind": "verified", "user": user,
        "extra": { "user_name": other } })
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn events_join_names_by_a_mark_and_no_bypass_reaches_what_they_joined(pool: PgPool) {
    let site = site(&pool).await;
    recipient(&site).await;
    let asks = site.make(new("app", Scope::DecisionsWrite)).await;
    let admin = site.make(new("desk", Scope::Admin)).await;
    let plain = writer(&site, "plain", "", &["counts", "trusted"]).await;
    let marked = writer(&site, "idp", "", &["names"]).await;
    let block = |user: &str| json!({ "kind": "user", "value": user, "reason": "fraud" });
    let bypass = |user: &str| json!({ "kind": "user", "value": user, "reason": "it is her", "seconds": 300 });

    // A key without the mark joins nothing.
    events(&site, &plain, &named("1", "eve", "ann@example.com")).await;
    post(&site, "/api/v1/blocks", &admin, &block("ann@example.com")).await;
    assert_eq!(verdict_for(&site, &asks, "eve").await, "allow");
    assert!(outbox_lines(&pool, "names_joined").await.is_empty());

    // A key with the mark does: a block holds for the other name, with an alert and an audit entry.
    events(&site, &marked, &named("1", "id-1", "ann@example.com")).await;
    assert_eq!(verdict_for(&site, &asks, "id-1").await, "deny");
    let told = outbox_lines(&pool, "names_joined").await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0].1.contains("idp reports that id-1 and ann@example.com are one user"),
        "{told:?}"
    );
    let entries = store::audit::list(&pool, &Default::default(), None, 9).await.unwrap();
    let joined = entries.iter().find(|row| row.entry.activity == "Names joined").unwrap();
    assert_eq!((&*joined.entry.object, &*joined.entry.actor), ("user id-1", "tollwarden"));
    assert!(joined.entry.after.as_deref().unwrap().contains("\"source\":\"idp\""));

    // A bypass does not hold for the other name until a person joins the names.
    post(&site, "/api/v1/bypasses", &admin, &bypass("ann@example.com")).await;
    assert_eq!(verdict_for(&site, &asks, "ann@example.com").await, "allow");
    assert_eq!(verdict_for(&site, &asks, "id-1").await, "deny");
    engine::aliases::join(&site.db, &By::command(), "ann@example.com", "id-1").await.unwrap();
    assert_eq!(verdict_for(&site, &asks, "id-1").await, "allow");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn keys_that_fail_are_audited_once_for_an_address_and_minute(pool: PgPool) {
    let one = site(&pool).await;
    let noon = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    let office =
        NewKey { networks: vec!["192.0.2.0/24".parse().unwrap()], ..new("office", Scope::Read) };
    let office = one.make(office).await;
    let ends =
        NewKey { expires: Some(noon + chrono::TimeDelta::seconds(30)), ..new("ends", Scope::Read) };
    let ends = one.make(ends).await;
    let ask = async |site: &TestServer, key: &str, last: u8| {
        let ask = TestRequest::new(Method::GET, "/api/v1/reports/browsers").key(key);
        site.ask(ask.from([198, 51, 100, last])).await.status
    };
    let unknown = office.replace(&office[16..], &"0".repeat(64));
    for key in ["tw_", &unknown, &unknown, &unknown] {
        assert_eq!(ask(&one, key, 7).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&one, &office, 7).await, StatusCode::FORBIDDEN);
    assert_eq!(ask(&one, &unknown, 8).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&one, &ends, 9).await, StatusCode::OK);
    let refused = async || {
        let entries = store::audit::list(&pool, &Default::default(), None, 50).await.unwrap();
        let entries = entries.into_iter().map(|row| row.entry);
        entries.filter(|one| one.activity == "API key refused").collect::<Vec<_>>()
    };
    assert_eq!(
        one.engine.keys.step().await.unwrap(),
        engine::work::Progress::Idle,
        "the minute is not over"
    );
    assert!(refused().await.is_empty());
    // The rest is written when the server ends.
    assert_eq!(one.engine.keys.flush().await.unwrap(), 2);
    let entries = refused().await;
    let of = |ip: &str| {
        let entry = entries.iter().find(|one| one.source_ip.as_deref() == Some(ip)).unwrap();
        serde_json::from_str::<Value>(entry.after.as_deref().unwrap()).unwrap()
    };
    let seven = of("198.51.100.7");
    assert_eq!(
        (&seven["times"], &seven["unknown"], &seven["wrong_address"]),
        (&json!(5), &json!(4), &json!(1))
    );
    assert_eq!(seven["keys"], json!(["office"]));
    assert_eq!(of("198.51.100.8")["times"], 1);

    let late = noon + chrono::TimeDelta::seconds(61);
    let late = TestServer::at(pool.clone(), late).await;
    assert_eq!(ask(&late, &ends, 9).await, StatusCode::UNAUTHORIZED);
    late.engine.keys.flush().await.unwrap();
    let entries = refused().await;
    let last = entries.iter().find(|one| one.source_ip.as_deref() == Some("198.51.100.9")).unwrap();
    let last: Value = serde_json::from_str(last.after.as_deref().unwrap()).unwrap();
    assert_eq!((&last["ended"], &last["keys"]), (&json!(1), &json!(["ends"])));
}
