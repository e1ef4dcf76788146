//! Blocks, bypasses and who is blocked over the API, good input and bad, through the whole router
//! on a real Postgres (contract, sections 5 and 6).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::{TestRequest, TestServer};
use domain::roles::Scope;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

/// A server at noon and two keys.
struct Api {
    site: TestServer,
    admin: String,
    read: String,
}

impl Api {
    async fn new(pool: PgPool) -> Self {
        Self::at(pool, noon(), "admin").await
    }

    /// The same store at another time.
    async fn at(pool: PgPool, time: DateTime<Utc>, name: &str) -> Self {
        let site = TestServer::at(pool, time).await;
        let admin = site.key(name, &[Scope::Admin]).await;
        let read = site.key(&format!("{name} read"), &[Scope::BlocksRead]).await;
        Self { site, admin, read }
    }

    async fn ask(&self, ask: TestRequest, key: &str) -> (StatusCode, Value) {
        let answer = self.site.ask(ask.key(key)).await;
        let kind = answer.header("content-type").to_owned();
        if !answer.status.is_success() {
            assert_eq!(kind, "application/problem+json", "{}", answer.text);
        }
        (answer.status, answer.json)
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask(TestRequest::new(Method::GET, path), &self.admin).await
    }

    async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.ask(TestRequest::new(Method::POST, path).json(body), &self.admin).await
    }

    async fn delete(&self, path: &str) -> (StatusCode, Value) {
        self.ask(TestRequest::new(Method::DELETE, path), &self.admin).await
    }

    async fn of_user(&self, user: &str) -> Value {
        let user: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
        let path = format!("/api/v1/users/{}/block", user.replace('+', "%20"));
        let (status, answer) = self.ask(TestRequest::new(Method::GET, &path), &self.read).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }
}

fn wrong(answer: &Value) -> Vec<&str> {
    let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_user_is_blocked_looked_up_and_unblocked(pool: PgPool) {
    let api = Api::new(pool).await;
    assert_eq!(api.of_user("ann@example.com").await, json!({"blocked": false}));
    let body = json!({"kind": "user", "value": "Ann@Example.com", "reason": "stolen phone",
        "until": "2026-12-01T00:00:00Z"});
    let (status, block) = api.post("/api/v1/blocks", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{block}");
    let id = block["id"].as_str().unwrap().to_owned();
    let expected = json!({"id": id, "kind": "user", "value": "Ann@Example.com",
        "since": "2026-11-20T12:00:00Z", "until": "2026-12-01T00:00:00Z", "by": "key:admin",
        "reason": "stolen phone", "auto": false});
    assert_eq!(block, expected);
    let blocked =
        json!({"blocked": true, "until": "2026-12-01T00:00:00Z", "reason": "stolen phone"});
    assert_eq!(api.of_user(" ANN@example.com ").await, blocked);

    let (status, again) = api.post("/api/v1/blocks", &body).await;
    assert_eq!((status, &again["block"]), (StatusCode::CONFLICT, &block));
    assert_eq!(api.get("/api/v1/blocks").await.1, json!({"blocks": [block], "next": null}));

    for path in ["?reason=", "", "?reason=%20", "?reason=a%0Ab"] {
        let (status, answer) = api.delete(&format!("/api/v1/blocks/{id}{path}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(wrong(&answer), ["reason"], "{path}");
    }
    let (status, ended) = api.delete(&format!("/api/v1/blocks/{id}?reason=found%20again")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&ended["ended_by"], &ended["end_reason"]),
        (&json!("key:admin"), &json!("found again"))
    );
    assert_eq!(api.of_user("ann@example.com").await, json!({"blocked": false}));
    for gone in [id.as_str(), "00000000-0000-4000-8000-000000000000", "x", "%27"] {
        let (status, _) = api.delete(&format!("/api/v1/blocks/{gone}?reason=again")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{gone}");
    }
    let entries = store::audit::list(api.site.db.read(), &Default::default(), None, 50).await;
    let entries = entries.unwrap();
    let mut lines = entries.iter().map(|row| (&*row.entry.activity, &*row.entry.object));
    assert!(lines.any(|line| line == ("Blocked", "user Ann@Example.com")));
    assert!(entries.iter().any(|row| row.entry.activity == "Unblocked"));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_block_ends_to_the_second(pool: PgPool) {
    let api = Api::new(pool.clone()).await;
    let until = noon() + TimeDelta::seconds(90);
    let body = json!({"kind": "user", "value": "ann", "reason": "x", "until": until});
    let (_, block) = api.post("/api/v1/blocks", &body).await;
    let before = Api::at(pool.clone(), until - TimeDelta::microseconds(1), "before").await;
    assert_eq!(before.of_user("ann").await["blocked"], true);
    let after = Api::at(pool, until, "after").await;
    assert_eq!(after.of_user("ann").await, json!({"blocked": false}));
    let path = format!("/api/v1/blocks/{}?reason=x", block["id"].as_str().unwrap());
    assert_eq!(after.delete(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(after.get("/api/v1/blocks").await.1["blocks"], json!([]));
    let ended = after.get("/api/v1/blocks?state=ended").await.1;
    assert_eq!(ended["blocks"][0]["ended"], json!(until));
    assert_eq!(ended["blocks"][0]["ended_by"], "tollwarden");
    assert_eq!(
        after
            .post("/api/v1/blocks", &json!({"kind": "user", "value": "ann", "reason": "x"}))
            .await
            .0,
        StatusCode::CREATED
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn numbers_blocks_of_numbers_and_other_channels(pool: PgPool) {
    let api = Api::new(pool).await;
    for (kind, value, shown) in [
        ("number", "+1 (415) 555-2700", "+14155552700"),
        ("number_block", "+1415555xxxx", "+1415555xxxx"),
        ("number_block", "+1415556••••", "+1415556xxxx"),
        ("number_block", "+1415557*", "+1415557*"),
        ("ip", "::ffff:203.0.113.9", "203.0.113.9"),
        ("ip_network", "198.51.100.7/24", "198.51.100.0/24"),
    ] {
        let body = json!({"kind": kind, "value": value, "reason": "pumping"});
        let (status, block) = api.post("/api/v1/blocks", &body).await;
        assert_eq!((status, &block["value"]), (StatusCode::CREATED, &json!(shown)), "{block}");
    }
    let numbers = api.get("/api/v1/blocks?kind=number_block").await.1;
    assert_eq!(numbers["blocks"].as_array().unwrap().len(), 3);

    let body = json!({"kind": "user", "value": "ann", "reason": "x", "only_channel": "email"});
    assert_eq!(api.post("/api/v1/blocks", &body).await.0, StatusCode::CREATED);
    let left = json!({"blocked": false, "only_channel": "email", "reason": "x"});
    assert_eq!(api.of_user("ann").await, left, "the middle way is no refusal");
    let body =
        json!({"kind": "user", "value": "ann", "reason": "y", "extend": true, "until": null});
    assert_eq!(api.post("/api/v1/blocks", &body).await.0, StatusCode::CREATED);
    assert_eq!(api.of_user("ann").await, json!({"blocked": true, "reason": "y"}));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_blocks(pool: PgPool) {
    let api = Api::new(pool).await;
    let with = |field: &str, value: Value| {
        let mut body = json!({"kind": "user", "value": "ann", "reason": "x"});
        body[field] = value;
        body
    };
    let of = |kind: &str, value: &str| json!({"kind": kind, "value": value, "reason": "x"});
    for (body, fields) in [
        (json!({}), vec!["kind", "value", "reason"]),
        (json!([]), vec![""]),
        (with("kind", json!("people")), vec!["kind"]),
        (with("kind", json!("")), vec!["kind"]),
        (with("kind", json!(7)), vec!["kind"]),
        (with("kind", json!("number")), vec!["value"]),
        (with("value", json!("")), vec!["value"]),
        (with("value", json!("a\u{0}b")), vec!["value"]),
        (with("value", json!("x".repeat(321))), vec!["value"]),
        (with("value", json!("203.0.113.9")), vec!["value"]),
        (of("number_block", "+141555"), vec!["value"]),
        (of("number_block", "+1415559770"), vec!["value"]),
        (of("number_block", "+14155552700"), vec!["value"]),
        (of("number", "+1415555270"), vec!["value"]),
        (of("ip", "203.0.113.0/24"), vec!["value"]),
        (of("ip_network", "0.0.0.0/0"), vec!["value"]),
        (with("reason", json!(null)), vec!["reason"]),
        (with("reason", json!("x".repeat(501))), vec!["reason"]),
        (with("until", json!("2026-11-20T12:00:00Z")), vec!["until"]),
        (with("until", json!("2036-11-20T12:00:00Z")), vec!["until"]),
        (with("until", json!("soon")), vec!["until"]),
        (with("until", json!(90)), vec!["until"]),
        (with("only_channel", json!("pigeon")), vec!["only_channel"]),
        (with("extend", json!("yes")), vec!["extend"]),
        (with("days", json!(90)), vec!["days"]),
    ] {
        let (status, answer) = api.post("/api/v1/blocks", &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(wrong(&answer), fields, "{body}: {answer}");
    }
    let post = |body: &str, kind: &str| {
        TestRequest::new(Method::POST, "/api/v1/blocks").header("content-type", kind).body(body)
    };
    let (status, answer) = api.ask(post("{\"kind\": }", "application/json"), &api.admin).await;
    assert_eq!((status, &answer["column"]), (StatusCode::BAD_REQUEST, &json!(10)));
    let deep = "[".repeat(40);
    assert_eq!(
        api.ask(post(&deep, "application/json"), &api.admin).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        api.ask(post("kind=user", "application/x-www-form-urlencoded"), &api.admin).await.0,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let large = format!("{{\"value\": \"{}\"}}", "x".repeat(70_000));
    assert_eq!(
        api.ask(post(&large, "application/json"), &api.admin).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    for (query, field) in [
        ("state=gone", "state"),
        ("kind=people", "kind"),
        ("cursor=x", "cursor"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=x", "limit"),
    ] {
        let (status, answer) = api.get(&format!("/api/v1/blocks?{query}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(wrong(&answer), [field]);
    }
    let long = "x".repeat(321);
    let path = format!("/api/v1/users/{long}/block");
    let (status, _) = api.ask(TestRequest::new(Method::GET, &path), &api.read).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(api.site.value::<i64>("select count(*) from block").await, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn lists_have_pages(pool: PgPool) {
    let api = Api::new(pool).await;
    for at in 0..7 {
        let body = json!({"kind": "user", "value": format!("u{at}"), "reason": "x"});
        api.post("/api/v1/blocks", &body).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/blocks?limit=3".to_owned();
    let mut pages = 0;
    loop {
        let (status, page) = api.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        pages += 1;
        let rows = page["blocks"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row["value"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/blocks?limit=3&cursor={next}");
    }
    seen.sort();
    assert_eq!((pages, seen), (3, (0..7).map(|at| format!("u{at}")).collect()));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bypasses(pool: PgPool) {
    let api = Api::new(pool).await;
    let body = json!({"kind": "number", "value": "+1 415 555 2700", "seconds": 300,
        "reason": "new phone"});
    let (status, given) = api.post("/api/v1/bypasses", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{given}");
    assert_eq!(given["until"], "2026-11-20T12:05:00Z");
    let (status, again) = api.post("/api/v1/bypasses", &body).await;
    assert_eq!((status, &again["bypass"]), (StatusCode::CONFLICT, &given));
    assert_eq!(api.get("/api/v1/bypasses").await.1, json!({"bypasses": [given], "next": null}));

    let path = format!("/api/v1/bypasses/{}", given["id"].as_str().unwrap());
    assert_eq!(api.delete(&path).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, ended) = api.delete(&format!("{path}?reason=mistake")).await;
    assert_eq!((status, &ended["end_reason"]), (StatusCode::OK, &json!("mistake")));
    assert_eq!(api.delete(&format!("{path}?reason=mistake")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(api.delete("/api/v1/bypasses/x?reason=y").await.0, StatusCode::NOT_FOUND);
    assert_eq!(api.get("/api/v1/bypasses").await.1["bypasses"], json!([]));
    let all = api.get("/api/v1/bypasses?state=all").await.1;
    assert_eq!(all["bypasses"][0]["ended_by"], "key:admin");

    for (field, value, wrong_field) in [
        ("kind", json!("number_block"), "kind"),
        ("kind", json!("ip"), "kind"),
        ("kind", json!("ip_network"), "kind"),
        ("kind", json!(null), "kind"),
        ("value", json!("ann"), "value"),
        ("seconds", json!(0), "seconds"),
        ("seconds", json!(604_801), "seconds"),
        ("seconds", json!(1.5), "seconds"),
        ("seconds", json!("300"), "seconds"),
        ("reason", json!(" "), "reason"),
        ("until", json!("2026-12-01"), "until"),
    ] {
        let mut bad = body.clone();
        bad[field] = value;
        let (status, answer) = api.post("/api/v1/bypasses", &bad).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(wrong(&answer), [wrong_field], "{bad}: {answer}");
    }
    let block =
        json!({"kind": "number_block", "value": "+1415555xxxx", "seconds": 5, "reason": "x"});
    assert_eq!(wrong(&api.post("/api/v1/bypasses", &block).await.1), ["kind"]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_block_by_one_name_holds_for_the_other(pool: PgPool) {
    let api = Api::new(pool).await;
    let events = api.site.key("b2c", &[Scope::EventsWrite]).await;
    let event = json!({"id": "1", "time": "2026-11-20T11:00:00Z", "kind": "sent",
        "user": "0B5C7D1E-ID", "extra": {"user_name": "ann@example.com"}});
    let ask = TestRequest::new(Method::POST, "/api/v1/events").json(&event);
    let (status, answer) = api.ask(ask, &events).await;
    assert_eq!((status, &answer["accepted"]), (StatusCode::OK, &json!(1)));
    let body = json!({"kind": "user", "value": "ann@example.com", "reason": "x"});
    api.post("/api/v1/blocks", &body).await;
    assert_eq!(api.of_user("0b5c7d1e-id").await["blocked"], true);
    let (status, again) = api
        .post("/api/v1/blocks", &json!({"kind": "user", "value": "0b5c7d1e-id", "reason": "x"}))
        .await;
    assert_eq!(
        (status, &again["block"]["value"]),
        (StatusCode::CONFLICT, &json!("ann@example.com"))
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn nobody_else_comes_in(pool: PgPool) {
    let api = Api::new(pool).await;
    let numbers = api.site.key("numbers", &[Scope::Read, Scope::Numbers]).await;
    for key in [&api.read, &numbers] {
        for (method, path) in [
            (Method::GET, "/api/v1/blocks"),
            (Method::POST, "/api/v1/blocks"),
            (Method::DELETE, "/api/v1/blocks/0?reason=x"),
            (Method::GET, "/api/v1/bypasses"),
            (Method::POST, "/api/v1/bypasses"),
            (Method::DELETE, "/api/v1/bypasses/0?reason=x"),
        ] {
            let (status, _) = api.ask(TestRequest::new(method, path), key).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    let user = TestRequest::new(Method::GET, "/api/v1/users/ann/block");
    assert_eq!(api.ask(user, &api.admin).await.0, StatusCode::FORBIDDEN, "another scope");
}
