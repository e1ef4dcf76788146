//! `POST /api/v1/fraud-reports`, every answer, through the whole router on a real Postgres
//! (contract, section 5).
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops at what goes wrong")]

mod common;

use common::{TestRequest, TestResponse, TestServer};
use domain::roles::Scope;
use engine::settings;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use testkit::noon;

const PATH: &str = "/api/v1/fraud-reports";

/// A server, and a key that may send reports.
struct ReportServer {
    site: TestServer,
    key: String,
}

impl ReportServer {
    async fn open(pool: PgPool, change: Value) -> Self {
        let site = TestServer::at(pool, noon()).await;
        let key = site.key("gateway", &[Scope::ReportsWrite]).await;
        let desk = Self { site, key };
        desk.set(change).await;
        desk
    }

    async fn set(&self, change: Value) {
        let document = self.site.changed("fraud-alerts", change).await;
        self.site.save("fraud-alerts", document).await;
    }

    async fn send(&self, report: &Value) -> TestResponse {
        self.post("application/json", &report.to_string()).await
    }

    async fn post(&self, kind: &str, body: &str) -> TestResponse {
        let ask = TestRequest::new(Method::POST, PATH).header("content-type", kind);
        self.site.ask(ask.key(&self.key).body(body)).await
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.site.value(sql).await
    }
}

fn push(id: &str) -> Value {
    json!({"id": id, "user": "Ann@example.com", "channel": "push"})
}

fn call(id: &str, code: &str) -> Value {
    json!({"id": id, "user": "Ann@example.com", "channel": "voice", "code": code})
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn off_is_409_with_nothing_but_an_entry(pool: PgPool) {
    let desk = ReportServer::open(pool, json!({})).await;
    let refused = desk.send(&call("1", "0")).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.json["type"], "urn:tollwarden:fraud_alerts_off");
    for table in [
        "select count(*) from fraud_report",
        "select count(*) from event",
        "select count(*) from attempt",
        "select count(*) from block",
    ] {
        assert_eq!(desk.count(table).await, 0, "{table}");
    }
    let entries = "select count(*) from audit_whole where activity = 'Fraud report refused'
        and actor = 'key:gateway' and object = 'Ann@example.com' and source_ip = '198.51.100.7'
        and after ->> 'reason' = 'fraud_alerts_off'";
    assert_eq!(desk.count(entries).await, 1);

    // The id is not used up.
    desk.set(json!({"allow_user_reports": true})).await;
    assert_eq!(desk.send(&call("1", "0")).await.status, StatusCode::CREATED);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_report_blocks_or_does_not_as_the_settings_say(pool: PgPool) {
    let desk = ReportServer::open(pool, json!({"allow_user_reports": true})).await;
    let taken = desk.send(&push("1")).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    let answer = taken.json;
    assert!(answer["report"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    assert_eq!((&answer["action"], answer.get("until")), (&json!("no_action"), None));
    let none =
        "select count(*) from audit_whole where activity = 'Fraud reported - no action taken'";
    assert_eq!(desk.count(none).await, 1);

    desk.set(json!({"auto_block": true, "report_code": "77"})).await;
    let blocked = desk.send(&call("2", "77")).await.json;
    assert_eq!(blocked["action"], "blocked");
    assert_eq!(blocked["until"], "2027-02-18T12:00:00Z", "90 days");
    let entry = "select count(*) from audit_whole
        where activity = 'Fraud reported - user is blocked for MFA' and object = 'Ann@example.com'";
    assert_eq!(desk.count(entry).await, 1);

    desk.set(json!({"block_days": 0})).await;
    let mut other = push("3");
    other["user"] = json!("bob");
    let endless = desk.send(&other).await.json;
    assert_eq!((&endless["action"], endless.get("until")), (&json!("blocked"), None));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn calls_and_texts_need_the_code_and_push_does_not(pool: PgPool) {
    let desk =
        ReportServer::open(pool, json!({"allow_user_reports": true, "report_code": "77"})).await;
    let without = json!({"id": "x", "user": "ann", "channel": "sms"});
    let mut wrong = vec![without];
    for code in ["0", "7", "777", "77a", "", " 77", "12345678901", "七七"] {
        wrong.push(call("x", code));
    }
    for report in &wrong {
        let refused = desk.send(report).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{report}");
        let problem = refused.json;
        assert_eq!(problem["type"], "urn:tollwarden:wrong_code", "{report}");
        assert_eq!(problem["errors"][0]["field"], "code");
    }
    assert_eq!(desk.count("select count(*) from fraud_report").await, 0);
    let refused = "select count(*) from audit_whole where activity = 'Fraud report refused'";
    assert_eq!(usize::try_from(desk.count(refused).await), Ok(wrong.len()));
    let leaked = "select count(*) from audit_whole where after::text like '%77%'
        and activity = 'Fraud report refused'";
    assert_eq!(desk.count(leaked).await, 0, "codes are never on record");

    assert_eq!(desk.send(&call("x", "77")).await.status, StatusCode::CREATED);
    for code in [json!("1"), json!(7), json!(null)] {
        let mut report = push(&format!("p{code}"));
        report["code"] = code;
        assert_eq!(desk.send(&report).await.status, StatusCode::CREATED, "{report}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_same_id_again_gets_the_first_answer(pool: PgPool) {
    let desk =
        ReportServer::open(pool, json!({"allow_user_reports": true, "auto_block": true})).await;
    let first = desk.send(&push("1")).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let same = desk.send(&push("1")).await;
    assert_eq!((same.status, &same.text), (StatusCode::OK, &first.text));

    // With other content, and after the settings changed.
    desk.set(json!({"auto_block": false})).await;
    let mut other = call("1", "999");
    other["user"] = json!("bob");
    let again = desk.send(&other).await;
    assert_eq!((again.status, &again.text), (StatusCode::OK, &first.text));
    desk.set(json!({"allow_user_reports": false})).await;
    let off = desk.send(&push("1")).await;
    assert_eq!((off.status, &off.text), (StatusCode::OK, &first.text));
    assert_eq!(desk.count("select count(*) from fraud_report").await, 1);
    assert_eq!(desk.count("select count(*) from event").await, 1);

    // Ids are separate for each key.
    desk.set(json!({"allow_user_reports": true})).await;
    let key = desk.site.key("other", &[Scope::ReportsWrite]).await;
    let desk = ReportServer { key, ..desk };
    let theirs = desk.send(&push("1")).await;
    assert_eq!(theirs.status, StatusCode::CREATED);
    assert_ne!(theirs.text, first.text);
    let sources = "select count(distinct source) from event where source in ('gateway', 'other')";
    assert_eq!(desk.count(sources).await, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_change_by_any_door_holds_for_the_next_request(pool: PgPool) {
    let desk = ReportServer::open(pool, json!({"allow_user_reports": true})).await;
    let admin = desk.site.key("admin", &[Scope::Admin]).await;
    for round in 0..10 {
        let code = format!("7{round}");
        if round % 2 == 0 {
            let put = TestRequest::new(Method::PUT, "/api/v1/settings/fraud-alerts")
                .header("if-match", "*")
                .key(&admin)
                .json(&json!({"allow_user_reports": true, "report_code": code}));
            assert_eq!(desk.site.ask(put).await.status, StatusCode::OK);
        } else {
            let by = domain::audit::By::command();
            let change = [format!("fraud_alerts.report_code={code}")];
            settings::set(&desk.site.db, &by, &change).await.unwrap();
        }
        let old = desk.send(&call(&format!("old{round}"), &format!("7{}", round - 1))).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY, "round {round}");
        let new = desk.send(&call(&format!("new{round}"), &code)).await;
        assert_eq!(new.status, StatusCode::CREATED, "round {round}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_input_is_told_field_by_field(pool: PgPool) {
    let desk = ReportServer::open(pool, json!({"allow_user_reports": true})).await;
    for (field, value, code) in [
        ("id", json!(""), "required"),
        ("id", json!("x".repeat(201)), "too_long"),
        ("user", json!(null), "required"),
        ("user", json!("x".repeat(321)), "too_long"),
        ("user", json!("a\u{0}b"), "invalid_value"),
        ("user", json!({"name": "ann"}), "invalid_type"),
        ("channel", json!("email"), "invalid_choice"),
        ("channel", json!(null), "required"),
        ("phone", json!("0815"), "invalid_phone"),
        ("phone", json!("9.99E+10"), "invalid_phone"),
        ("ip", json!("10.0.0.0/8"), "invalid_ip"),
        ("time", json!("2026-11-21T12:00:01Z"), "time_out_of_range"),
        ("time", json!("1999-12-31T23:59:59Z"), "time_out_of_range"),
        ("time", json!("noon"), "invalid_time"),
        ("journey", json!("x".repeat(201)), "too_long"),
        ("flow", json!("x".repeat(321)), "too_long"),
        ("note", json!("x".repeat(501)), "too_long"),
        ("note", json!("bell\u{7}"), "invalid_value"),
        ("colour", json!("red"), "unknown_field"),
    ] {
        let mut report = push("1");
        report[field] = value.clone();
        let refused = desk.send(&report).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
        let errors = refused.json["errors"].clone();
        assert_eq!((&errors[0]["field"], &errors[0]["code"]), (&json!(field), &json!(code)));
    }
    let two = desk.send(&json!({"channel": "push"})).await.json;
    assert_eq!(two["errors"].as_array().unwrap().len(), 2, "all at once: {two}");

    for (kind, body, status) in [
        ("application/json", "{", StatusCode::BAD_REQUEST),
        ("application/json", "", StatusCode::BAD_REQUEST),
        ("application/json", "[]", StatusCode::UNPROCESSABLE_ENTITY),
        ("application/json", "null", StatusCode::UNPROCESSABLE_ENTITY),
        ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/x-www-form-urlencoded", "id=1", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let refused = desk.post(kind, body).await;
        assert_eq!(refused.status, status, "{kind} {body}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
    }
    let deep = format!("{{\"id\": {}}}", "[".repeat(40));
    assert_eq!(desk.post("application/json", &deep).await.status, StatusCode::BAD_REQUEST);
    let mut large = push("1");
    large["note"] = json!("x".repeat(17 << 10));
    assert_eq!(desk.send(&large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(desk.count("select count(*) from fraud_report").await, 0);
    assert_eq!(
        desk.count("select count(*) from audit_whole where activity like 'Fraud%'").await,
        0
    );
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_field_is_kept_as_it_came(pool: PgPool) {
    let desk = ReportServer::open(pool, json!({"allow_user_reports": true})).await;
    let note = "<script>alert(1)</script>\n=cmd|'/c calc'!A1 \u{202e}";
    let whole = json!({
        "id": "0'; drop table block;--", "user": "<b>Ann</b>", "channel": "sms", "code": "0",
        "phone": "+1 (415) 555-27.00", "journey": "j-1", "ip": "2001:DB8::1", "flow": "B2C_1_in",
        "time": "2026-11-20T13:00:00+02:00", "note": note
    });
    let taken = desk.send(&whole).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{}", taken.text);
    let id = taken.json["report"].as_str().unwrap().parse().unwrap();
    let row = store::fraud_reports::get(desk.site.db.read(), id).await.unwrap().unwrap();
    assert_eq!(row.note.as_deref(), Some(note));
    assert_eq!((&*row.user, &*row.user_key), ("<b>Ann</b>", "<b>ann</b>"));
    assert_eq!(row.phone.unwrap().to_string(), "+14155552700");
    assert_eq!(row.ip.unwrap().to_string(), "2001:db8::1");
    assert_eq!(row.time.to_rfc3339(), "2026-11-20T11:00:00+00:00");
    assert_eq!((row.journey.as_deref(), row.flow.as_deref()), (Some("j-1"), Some("B2C_1_in")));
    let event = "select count(*) from event where kind = 'reported' and journey = 'j-1'
        and phone = '+14155552700' and region = 'US' and channel = 'sms' and flow = 'B2C_1_in'
        and reason = 'user_reported_fraud' and reason_text = 'MFA denied; Fraud Code Entered'
        and host(ip) = '2001:db8::1' and source = 'gateway'";
    assert_eq!(desk.count(event).await, 1);
}

/// Not a check: says how many reports a second this machine takes over the router, each durable
/// and on the chained record. `cargo test --test fraud_reports -- --ignored --nocapture`
#[sqlx::test(migrator = "store::MIGRATOR")]
#[ignore = "measures; says nothing on a busy machine"]
async fn throughput(pool: PgPool) {
    let desk = ReportServer::open(
        pool,
        json!({"allow_user_reports": true, "auto_block": true, "breaker": 10000}),
    );
    let desk = std::sync::Arc::new(desk.await);
    let (workers, each) = (64, 150);
    let begun = std::time::Instant::now();
    let tasks: Vec<_> = (0..workers)
        .map(|worker| {
            let desk = std::sync::Arc::clone(&desk);
            tokio::spawn(async move {
                for n in 0..each {
                    let user = format!("user{}@example.com", (worker * each + n) % 3_000);
                    let id = format!("{worker}-{n}");
                    let report =
                        json!({"id": id, "user": user, "channel": "push", "ip": "192.0.2.1"});
                    assert_eq!(desk.send(&report).await.status, StatusCode::CREATED);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let took = begun.elapsed();
    let count = workers * each;
    println!("{count} reports in {took:?}: {:.0} a second", f64::from(count) / took.as_secs_f64());
    let kept = desk.count("select count(*) from fraud_report").await;
    assert_eq!(kept, i64::from(count));
}
