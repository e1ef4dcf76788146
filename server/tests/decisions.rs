//! `POST /api/v1/decisions` and `POST /api/v1/b2c/validate-phone`, every answer, through the whole
//! router on a real Postgres (contract, section 4).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use base64::Engine as _;
use common::{TestRequest, TestResponse, TestServer};
use domain::audit::By;
use domain::blocks::{BlockFields, NewBlock};
use domain::roles::Scope;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

/// A server, and a key that may ask.
struct GateServer {
    site: TestServer,
    key: String,
}

impl GateServer {
    async fn open(pool: PgPool) -> Self {
        let site = TestServer::at(pool, noon()).await;
        let key = site.key("app", &[Scope::DecisionsWrite]).await;
        Self { site, key }
    }

    async fn post(&self, path: &str, body: &str) -> TestResponse {
        let ask = TestRequest::new(Method::POST, path).header("content-type", "application/json");
        self.site.ask(ask.key(&self.key).body(body)).await
    }

    async fn decide(&self, body: &Value) -> Value {
        let answer = self.post("/api/v1/decisions", &body.to_string()).await;
        answer.ok()
    }

    async fn send(&self, key: &str, events: &Value) -> TestResponse {
        self.site.ask(TestRequest::new(Method::POST, "/api/v1/events").key(key).json(events)).await
    }

    async fn connect(&self, auth: &str, body: &str) -> TestResponse {
        let auth = format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(auth));
        let ask = TestRequest::new(Method::POST, "/api/v1/b2c/validate-phone")
            .header("content-type", "application/json")
            .header("authorization", &auth);
        self.site.ask(ask.body(body)).await
    }
}

fn codes(decision: &Value) -> Vec<&str> {
    let reasons = decision["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_answer_is_whole_and_says_why(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    let countries = json!({ "voice": { "mode": "allowlist", "regions": ["US", "GB"] } });
    gate.site.save("countries", countries).await;
    let us = gate.decide(&json!({ "phone": "+1 (415) 555-0100", "channel": "voice" })).await;
    assert_eq!(us["verdict"], "allow");
    assert_eq!(us["id"].as_str().unwrap().len(), 26);
    assert!(!us["journey"].as_str().unwrap().is_empty());
    assert_eq!(
        us["phone"],
        json!({ "e164": "+14155550100", "region": "US", "calling_code": 1,
            "type": "fixed_line_or_mobile", "valid": true })
    );
    assert_eq!((&us["retry_after"], &us["user_message"]), (&Value::Null, &json!("")));
    // +1 876 is Jamaica, whatever its calling code.
    let jamaica = gate
        .decide(&json!({ "phone": "+18765551234", "channel": "voice", "journey": "j-1" }))
        .await;
    assert_eq!((&jamaica["verdict"], &jamaica["journey"]), (&json!("deny"), &json!("j-1")));
    assert_eq!((codes(&jamaica), &jamaica["phone"]["region"]), (vec!["region"], &json!("JM")));
    assert!(jamaica["reasons"][0]["message"].as_str().unwrap().contains("Jamaica"));
    assert!(jamaica["user_message"].as_str().unwrap().contains("cannot send"));
    assert!(jamaica["alternatives"].as_array().unwrap().contains(&json!("email")));
    let jersey = gate.decide(&json!({ "phone": "+441534456789", "channel": "voice" })).await;
    assert_eq!((&jersey["verdict"], &jersey["phone"]["region"]), (&json!("deny"), &json!("JE")));
}

/// What somebody wrote as a reason may hold another's number: only keys that see numbers see it.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn reasons_show_no_numbers_of_others(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    let block = BlockFields {
        kind: "user",
        value: "eve@example.com",
        reason: "call +44 7700 900321 first",
        ..BlockFields::default()
    };
    let block = NewBlock::read(block, gate.site.db.clock.now()).unwrap();
    engine::blocks::add(&gate.site.db, &By::command(), &block, false).await.unwrap();
    let ask = json!({ "phone": "+14155550100", "channel": "sms", "user": "eve@example.com" });
    let denied = gate.decide(&ask).await;
    assert_eq!(codes(&denied), ["block_user"]);
    let said = denied["reasons"][0]["message"].as_str().unwrap();
    assert!(said.ends_with(": call +447700••••21 first"), "{said}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn twelve_codes_to_one_number_wait_longer_and_longer(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let decision = gate
            .decide(&json!({ "phone": "+14155550100", "channel": "sms", "journey": "one" }))
            .await;
        waits.push(decision["retry_after"].as_u64().unwrap_or(0));
        if decision["verdict"] == "delay" {
            let reason = &decision["reasons"][0];
            assert_eq!((&reason["observed"], &reason["limit"]), (&json!(6), &json!(5)));
            assert_eq!(reason["rule"], "5 per 10 min per number");
            assert!(decision["user_message"].as_str().unwrap().contains("minutes"));
        }
    }
    // All at the same moment: one fits after ten minutes, until the back-off is longer.
    assert_eq!(waits, [0, 0, 0, 0, 0, 600, 600, 600, 600, 960, 1_920, 1_920]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_questions_say_what_is_wrong(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    for (body, field, code) in [
        (json!({ "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": " ", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": "4155550100", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": "+1415555O100", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": "+14155550100 ext. 5", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": "+1234567890123456", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": "+99912345678", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": "+1415555", "channel": "sms" }), "phone", "invalid_phone"),
        (json!({ "phone": 14155550100_u64, "channel": "sms" }), "phone", "invalid_type"),
        (json!({ "phone": "+14155550100" }), "channel", "required"),
        (json!({ "phone": "+14155550100", "channel": "push" }), "channel", "invalid_choice"),
        (json!({ "phone": "+14155550100", "channel": "sms", "fone": 1 }), "fone", "unknown_field"),
        (
            json!({ "phone": "+14155550100", "channel": "sms", "now": "2026-11-20T12:00:00Z" }),
            "now",
            "conflict",
        ),
        (
            json!({ "phone": "+14155550100", "channel": "sms", "captcha": "x" }),
            "captcha",
            "invalid_type",
        ),
        (
            json!({ "phone": "+14155550100", "channel": "sms",
                "captcha": { "provider": "altcha" } }),
            "captcha.token",
            "required",
        ),
    ] {
        let answer = gate.post("/api/v1/decisions", &body.to_string()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let problem = &answer.json;
        let error = &problem["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)), "{body}");
        if code == "invalid_phone" {
            assert_eq!(problem["type"], "urn:tollwarden:invalid_phone", "{body}");
        }
    }
    let answer = gate.post("/api/v1/decisions?dry_run=perhaps", "{}").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(gate.post("/api/v1/decisions", "{").await.status, StatusCode::BAD_REQUEST);
    let other = gate.site.key("reader", &[Scope::Read]).await;
    let ask = TestRequest::new(Method::POST, "/api/v1/decisions").key(&other).body("{}");
    assert_eq!(gate.site.ask(ask).await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_dry_run_leaves_no_trace(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    let body = json!({ "phone": "+14155550100", "channel": "sms", "now": "2026-11-19T08:00:00Z" });
    for _ in 0..7 {
        let answer = gate.post("/api/v1/decisions?dry_run=true", &body.to_string()).await;
        let decision = answer.json;
        assert_eq!((&decision["verdict"], &decision["id"]), (&json!("allow"), &Value::Null));
    }
    assert_eq!(gate.site.value::<i64>("select count(*) from event").await, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_captcha_is_solved_once(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    gate.site.save("rules", json!({ "captcha": { "ask": "everybody" } })).await;
    let phone = "+14155550100";
    let asked = gate.decide(&json!({ "phone": phone, "channel": "sms" })).await;
    assert_eq!((&asked["verdict"], codes(&asked)), (&json!("challenge"), vec!["captcha"]));
    let challenge = engine::captcha::issue(&gate.site.db, phone.parse().unwrap());
    let mut solver = domain::captcha::Solver::new(&challenge).unwrap();
    let domain::captcha::SolverProgress::Found(number) = solver.step(u64::MAX) else {
        panic!("unsolved")
    };
    let token = domain::captcha::token(&challenge, number);
    let body = |phone: &str| {
        json!({ "phone": phone, "channel": "sms",
            "captcha": { "provider": "altcha", "token": token } })
    };
    let other = gate.decide(&body("+14155550101")).await;
    assert_eq!(other["verdict"], "challenge", "it is bound to its number");
    let solved = gate.decide(&body(phone)).await;
    assert_eq!((&solved["verdict"], codes(&solved)), (&json!("allow"), vec!["captcha"]));
    let again = gate.decide(&body(phone)).await;
    assert_eq!(again["verdict"], "challenge", "it was used");
    assert!(again["reasons"][0]["message"].as_str().unwrap().contains("used before"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_number_that_verified_is_trusted(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    let countries = json!({ "sms": { "mode": "allowlist", "regions": ["GB"] } });
    gate.site.save("countries", countries).await;
    let phone = "+14155550100";
    let us = json!({ "phone": phone, "channel": "sms" });
    assert_eq!(gate.decide(&us).await["verdict"], "deny");
    let send = async |key: &str, id: &str, journey: &str, kind: &str| {
        let body = json!([{ "id": id, "source": "idp", "time": "2026-11-20T11:59:00Z",
            "kind": kind, "journey": journey, "phone": phone, "channel": "sms" }]);
        gate.send(key, &body).await.ok();
    };
    let plain = gate.site.key("plain", &[Scope::EventsWrite]).await;
    let trusted = gate.site.trusted_key("idp", &[Scope::EventsWrite]).await;
    // From a key that is not trusted, and without an earlier `sent`.
    send(&plain, "1", "a", "sent").await;
    send(&plain, "2", "a", "verified").await;
    send(&trusted, "3", "b", "verified").await;
    assert_eq!(gate.decide(&us).await["verdict"], "deny");
    send(&trusted, "4", "a", "verified").await;
    let decision = gate.decide(&us).await;
    assert_eq!((&decision["verdict"], codes(&decision)), (&json!("allow"), vec!["trusted"]));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nobody_speaks_for_the_gate(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    let key = gate.site.key("writer", &[Scope::EventsWrite]).await;
    let body = json!([{ "id": "1", "source": "gate", "time": "2026-11-20T11:59:00Z",
        "kind": "requested", "phone": "+14155550100", "channel": "sms" }]);
    let answer = gate.send(&key, &body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("invalid_value"), "{}", answer.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_connector_reads_its_own_words(pool: PgPool) {
    let gate = GateServer::open(pool).await;
    gate.site.save("countries", json!({ "sms": { "mode": "allowlist", "regions": ["US"] } })).await;
    let auth = format!("app:{}", gate.key);
    let answer = gate.connect(&auth, r#"{"phoneNumber":"+14155550100"}"#).await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (StatusCode::OK, r#"{"action":"Continue","version":"1.0.0"}"#)
    );
    let answer = gate.connect(&auth, r#"{"phoneNumber":"+18765551234"}"#).await;
    let page = answer.json;
    assert_eq!((answer.status, &page["action"]), (StatusCode::OK, &json!("ShowBlockPage")));
    assert!(page["userMessage"].as_str().unwrap().contains("cannot send"));
    for body in ["{}", r#"{"phoneNumber":"x"}"#, r#"{"phoneNumber":""}"#] {
        let answer = gate.connect(&auth, body).await;
        let wrong = answer.json;
        assert_eq!(
            (answer.status, &wrong["action"]),
            (StatusCode::BAD_REQUEST, &json!("ValidationError"))
        );
        assert_eq!((&wrong["status"], &wrong["version"]), (&json!(400), &json!("1.0.0")));
    }
    // Every error has the connector's format and a message for the user.
    for (body, words) in [
        (r#"{"phoneNumber":"abc"}"#, "The number must be a plus sign"),
        (r#"{"phoneNumber":"+1415"}"#, "The number has 4 digits"),
        (r#"{"phoneNumber":"+99912345678"}"#, "No calling code"),
        (r#"{"phoneNumber":7}"#, "The claim phoneNumber contains no phone number."),
        ("[]", "The request could not be read: must be a JSON object."),
        ("", "The request could not be read"),
        (r#"{"phoneNumber": }"#, "The request could not be read"),
        (&"[".repeat(40), "The request could not be read"),
    ] {
        let answer = gate.connect(&auth, body).await;
        let wrong = &answer.json;
        let told = (answer.status, answer.header("content-type"), &wrong["action"]);
        let expected = (StatusCode::BAD_REQUEST, "application/json", &json!("ValidationError"));
        assert_eq!(told, expected, "{body}");
        let message = wrong["userMessage"].as_str().unwrap();
        assert!(message.starts_with(words), "{body}: {message}");
        assert!(message.ends_with('.') && !message.contains(".."), "{message}");
        assert!(!message.contains(": it") && !message.contains(". ."), "{message}");
    }
    let wrong = format!("other:{}", gate.key);
    assert_eq!(gate.connect(&wrong, "{}").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(gate.connect("app:x", "{}").await.status, StatusCode::UNAUTHORIZED);
    gate.site.save("rules", json!({ "b2c": { "phone_claim": "identities" } })).await;
    let identities = r#"{"identities":[{"signInType":"federated","issuerAssignedId":"x"},
        {"signInType":"phoneNumber","issuer":"i","issuerAssignedId":"+14155550100"}]}"#;
    let answer = gate.connect(&auth, identities).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    gate.site.save("rules", json!({ "b2c": { "phone_claim": "extension_phone" } })).await;
    let answer = gate.connect(&auth, r#"{"extension_phone":"+14155550100"}"#).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}
