//! The captcha over the API, good input and bad, through the whole router on a real Postgres
//! (contract, section 4).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{TestRequest, TestServer};
use domain::captcha::{Challenge, Solver, SolverProgress, token};
use domain::roles::Scope;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

/// A server and a key that asks for decisions.
struct Api {
    site: TestServer,
    key: String,
}

impl Api {
    async fn at(pool: PgPool, time: DateTime<Utc>, name: &str) -> Self {
        let site = TestServer::at(pool, time).await;
        let key = site.key(name, &[Scope::DecisionsWrite]).await;
        Self { site, key }
    }

    async fn ask(&self, ask: TestRequest) -> (StatusCode, Value) {
        let answer = self.site.ask(ask.key(&self.key)).await;
        (answer.status, answer.json)
    }

    async fn challenge(&self, query: &str) -> (StatusCode, Value) {
        self.ask(TestRequest::new(Method::GET, &format!("/api/v1/captcha/challenge{query}"))).await
    }

    async fn verify(&self, body: &Value) -> (StatusCode, Value) {
        self.ask(TestRequest::new(Method::POST, "/api/v1/captcha/verify").json(body)).await
    }

    /// The token of a challenge for a number, as the widget makes it.
    async fn solved(&self, phone: &str) -> String {
        let (status, challenge) = self.challenge(&format!("?phone={phone}")).await;
        assert_eq!(status, StatusCode::OK, "{challenge}");
        let challenge: Challenge = serde_json::from_value(challenge).unwrap();
        let step = Solver::new(&challenge).unwrap().step(u64::MAX);
        let SolverProgress::Found(number) = step else { unreachable!("{step:?}") };
        token(&challenge, number)
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_token_is_valid_until_it_is_used_by_either_of_two_servers(pool: PgPool) {
    let api = Api::at(pool.clone(), noon(), "one").await;
    let other = Api::at(pool, noon(), "other").await;
    let token = api.solved("+14155550100").await;
    let ask = json!({"phone": "+1 (415) 555-0100", "token": token});
    let valid = json!({"valid": true, "expires": "2026-11-20T12:10:00Z"});
    // A check without `use` does not use the token up.
    for _ in 0..2 {
        assert_eq!(api.verify(&ask).await, (StatusCode::OK, valid.clone()));
    }
    let mut using = ask.clone();
    using["use"] = json!(true);
    assert_eq!(api.verify(&using).await, (StatusCode::OK, valid.clone()));
    // A check without `use` says so, too.
    for (server, asked) in [(&api, &using), (&other, &using), (&api, &ask), (&other, &ask)] {
        let (status, refused) = server.verify(asked).await;
        assert_eq!((status, &refused["valid"]), (StatusCode::OK, &json!(false)));
        assert_eq!(refused["code"], "captcha_used");
        assert!(refused["message"].as_str().unwrap().contains("used before"));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_proves_nothing_is_told_why(pool: PgPool) {
    let api = Api::at(pool.clone(), noon(), "now").await;
    let late = Api::at(pool, noon() + TimeDelta::minutes(10), "late").await;
    let token = api.solved("%2B14155550100").await;
    let code = |(status, answer): (StatusCode, Value)| {
        assert_eq!((status, &answer["valid"]), (StatusCode::OK, &json!(false)), "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    };
    let another = json!({"phone": "+14155550101", "token": token, "use": true});
    assert_eq!(code(api.verify(&another).await), "captcha_other_number");
    let ask = json!({"phone": "+14155550100", "token": token});
    assert_eq!(code(late.verify(&ask).await), "captcha_expired");
    let nonsense = json!({"phone": "+14155550100", "token": "nonsense"});
    assert_eq!(code(api.verify(&nonsense).await), "captcha_invalid");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_cannot_be_read_is_named(pool: PgPool) {
    let api = Api::at(pool, noon(), "now").await;
    for (query, code) in [
        ("", "invalid_phone"),
        ("?phone=", "invalid_phone"),
        ("?phone=14155550100", "invalid_phone"),
        ("?phone=%2B1415555010x", "invalid_phone"),
        ("?other=+1", "unknown_field"),
    ] {
        let (status, problem) = api.challenge(query).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(problem["errors"][0]["code"], code, "{query}: {problem}");
    }
    let good = json!({"phone": "+14155550100", "token": "e30="});
    for (field, value, code) in [
        ("phone", json!(null), "invalid_phone"),
        ("phone", json!(""), "invalid_phone"),
        ("phone", json!(14155550100_u64), "invalid_type"),
        ("token", json!(null), "required"),
        ("phone", json!("4155550100"), "invalid_phone"),
        ("token", json!(" "), "required"),
        ("token", json!(["e30="]), "invalid_type"),
        ("token", json!("a".repeat(4_097)), "too_long"),
        ("use", json!("yes"), "invalid_type"),
        ("number", json!(5), "unknown_field"),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value;
        let (status, problem) = api.verify(&wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(problem["errors"][0]["field"], field);
        assert_eq!(problem["errors"][0]["code"], code, "{field}: {problem}");
    }
    assert_eq!(api.verify(&json!([])).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(api.verify(&good).await.0, StatusCode::OK);
}
