//! `POST /api/v1/events` and `POST /api/v1/sources/azure`, good input and bad, through the whole
//! router on a real Postgres (contract, section 3).
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::TestResponse;
use common::api::{Api, sample};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::io::Write;

fn event(id: &str) -> Value {
    json!({
        "id": id, "source": "test", "time": "2026-11-20T09:00:00Z", "kind": "failed",
        "phone": "+1 (415) 555-27.00", "channel": "sms", "ip": "203.0.113.7",
        "reason_text": "The phone number entered is invalid."
    })
}

async fn send(api: &Api, body: &Value) -> TestResponse {
    api.post("/api/v1/events", "application/json", body.to_string().into_bytes()).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// The answer to a batch of which nothing was rejected or ignored.
fn taken(accepted: u64, duplicates: u64) -> Value {
    json!({"accepted": accepted, "enriched": 0, "duplicates": duplicates, "ignored": 0,
        "ignored_kinds": {}, "rejected": []})
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn good_batches(pool: PgPool) {
    let api = Api::start(pool, &["events:write"]).await;
    let none = taken(0, 0);
    assert_eq!(send(&api, &json!([])).await.ok(), none, "an empty array");

    let one = send(&api, &event("a")).await.ok();
    assert_eq!(one, taken(1, 0), "one object");

    // Again, with other content: a duplicate that changes nothing.
    let mut again = event("a");
    again["kind"] = json!("verified");
    let batch = send(&api, &json!([again, event("b"), event("b")])).await.ok();
    assert_eq!(batch, taken(1, 2));
    assert_eq!(api.count("select count(*) from event where kind = 'failed'").await, 2);

    // Missing members are added, in the same batch and in a later one.
    let (mut user, mut device) = (event("f"), event("f"));
    user["user"] = json!("ann");
    device["device"] = json!("phone-1");
    let mut answer = taken(1, 0);
    answer["enriched"] = json!(1);
    assert_eq!(send(&api, &json!([event("f"), user])).await.ok(), answer);
    let mut answer = taken(0, 1);
    answer["enriched"] = json!(1);
    assert_eq!(send(&api, &json!([device, event("f")])).await.ok(), answer);
    let filled = "select count(*) from event where \"user\" = 'ann' and device = 'phone-1'";
    assert_eq!(api.count(filled).await, 1);

    let lines = format!("{}\n\n{}\r\n", event("c"), event("d"));
    let lines = api.post("/api/v1/events", "application/x-ndjson", lines.into_bytes()).await;
    assert_eq!(lines.ok()["accepted"], 2);

    let packed = gzip(event("e").to_string().as_bytes());
    let packed = api.post_gzip("/api/v1/events", "application/json; charset=utf-8", packed).await;
    assert_eq!(packed.ok()["accepted"], 1);

    // An event without a source gets the key's.
    let mut bare = event("f");
    bare.as_object_mut().unwrap().remove("source");
    assert_eq!(send(&api, &bare).await.ok()["accepted"], 1);
    assert_eq!(api.count("select count(*) from event where source = 'test key'").await, 1);
}

/// Bodies as Windows PowerShell writes them, at all endpoints for events and at one for small
/// documents. A duplicate member is refused at both.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn utf_16_and_marks_are_read_at_every_door(pool: PgPool) {
    let api = Api::start(pool, &["events:write", "decisions:write"]).await;
    let marked = |text: &str| format!("\u{feff}{text}");
    let utf16 = |text: &str| -> Vec<u8> {
        marked(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let (one, two) = (event("a").to_string(), event("b").to_string());
    for (kind, body) in [
        ("application/json", utf16(&format!("[{one},{two}]"))),
        ("application/json", marked(&format!("[{one},{two}]")).into_bytes()),
        ("application/x-ndjson", utf16(&format!("{one}\r\n\u{feff}{two}\r\n"))),
        ("application/x-ndjson", format!("\u{feff}{one}\n\u{feff}{two}\n").into_bytes()),
    ] {
        let plain = api.post("/api/v1/events", kind, body.clone()).await.ok();
        let packed = api.post_gzip("/api/v1/events", kind, gzip(&body)).await.ok();
        assert_eq!(plain["rejected"], json!([]), "{kind}");
        for answer in [&plain, &packed] {
            let sum = answer["accepted"].as_u64().unwrap() + answer["duplicates"].as_u64().unwrap();
            assert_eq!(sum, 2, "{kind}: {answer}");
        }
    }
    assert_eq!(api.count("select count(*) from event").await, 2);

    let record = json!({
        "id": "B2C_1", "activityDisplayName": "Send SMS to verify phone number",
        "activityDateTime": "11/20/2026 9:05:01 AM", "result": "success", "loggedByService": "B2C",
    });
    let page = json!({ "value": [record] }).to_string();
    let page = api.post("/api/v1/sources/azure", "application/json", utf16(&page)).await.ok();
    assert_eq!((&page["accepted"], &page["rejected"]), (&json!(1), &json!([])), "{page}");

    let ask = json!({ "phone": "+14155550100", "channel": "sms" }).to_string();
    let decided = api.post("/api/v1/decisions", "application/json", utf16(&ask)).await.ok();
    assert!(decided["verdict"].is_string(), "{decided}");
    let twice = br#"{"phone": "+14155550100", "channel": "sms", "phone": "+14155550101"}"#.to_vec();
    let twice = api.post("/api/v1/decisions", "application/json", twice).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text.contains("duplicate") && twice.text.contains("\"phone\""), "{}", twice.text);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn good_lines_are_kept_when_others_are_bad(pool: PgPool) {
    let api = Api::start(pool, &["events:write"]).await;
    let with = |field: &str, value: Value| {
        let mut bad = event("bad");
        bad[field] = value;
        bad
    };
    let long = "x".repeat(70_000);
    let cases = [
        (with("id", json!("")), "id"),
        (with("time", json!("0001-01-01T00:00:00Z")), "time"),
        (with("time", json!("9999-01-01T00:00:00Z")), "time"),
        (with("time", json!("yesterday")), "time"),
        (with("kind", json!("exploded")), "kind"),
        (with("phone", json!("9.99E+10")), "phone"),
        (with("channel", json!(null)), "channel"),
        (with("channel", json!("pigeon")), "channel"),
        (with("ip", json!("300.1.1.1")), "ip"),
        (with("user_agent", json!("+".repeat(2_049))), "user_agent"),
        (with("flow", json!("a\u{0}b")), "flow"),
        (with("extra", json!({"a": "b".repeat(17_000)})), "extra"),
        (with("reason_text", json!(long)), ""),
    ];
    for (bad, field) in cases {
        let id = format!("good beside {field} {bad}").chars().take(190).collect::<String>();
        let answer = send(&api, &json!([bad, event(&id)])).await.ok();
        assert_eq!(answer["accepted"], 1, "{field}: {answer}");
        assert_eq!(answer["rejected"][0]["index"], 0, "{field}: {answer}");
        assert_eq!(answer["rejected"][0]["field"], field, "{answer}");
        assert_ne!(answer["rejected"][0]["code"], "", "{field}: {answer}");
        assert_ne!(answer["rejected"][0]["message"], "", "{field}: {answer}");

        let all_bad = send(&api, &json!([bad])).await;
        assert_eq!(all_bad.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert_eq!(all_bad.kind(), "application/problem+json");
        assert_eq!(all_bad.json["rejected"][0]["field"], field);
    }
    let year = send(&api, &json!([with("time", json!("9999-01-01T00:00:00Z"))])).await;
    assert_eq!(year.json["rejected"][0]["code"], "time_out_of_range");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_bodies(pool: PgPool) {
    let api = Api::start(pool, &["events:write"]).await;
    let post =
        async |kind: &str, body: &[u8]| api.post("/api/v1/events", kind, body.to_vec()).await;

    let broken = post("application/json", b"[\n  {\"id\": }\n]").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert_eq!((&broken.json["line"], &broken.json["column"]), (&json!(2), &json!(10)));

    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    assert_eq!(post("application/json", deep.as_bytes()).await.status, StatusCode::BAD_REQUEST);
    let shallow = format!("{{\"extra\":{}1{}}}", "[".repeat(31), "]".repeat(31));
    let shallow = post("application/json", shallow.as_bytes()).await;
    assert_eq!(shallow.status, StatusCode::UNPROCESSABLE_ENTITY);

    let typed = post("text/plain", b"[]").await;
    assert_eq!(typed.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(typed.json["detail"].as_str().unwrap().contains("application/x-ndjson"));

    let many = json!(vec![1; 10_001]).to_string();
    assert_eq!(
        post("application/json", many.as_bytes()).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );

    let large = vec![b' '; (32 << 20) + 1];
    assert_eq!(post("application/json", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let bomb = api.post_gzip("/api/v1/events", "application/json", gzip(&large)).await;
    assert_eq!(bomb.status, StatusCode::PAYLOAD_TOO_LARGE, "a gzip bomb");

    let mut cut = gzip(event("cut").to_string().as_bytes());
    cut.truncate(cut.len() - 9);
    let cut = api.post_gzip("/api/v1/events", "application/json", cut).await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
    assert!(cut.json["detail"].as_str().unwrap().contains("too early"), "{}", cut.json);

    let latin = post("application/json", b"{\"id\": \"\xe9\"}").await;
    assert_eq!(latin.status, StatusCode::BAD_REQUEST, "not UTF-8");
    assert_eq!(api.count("select count(*) from event").await, 0);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn keys_are_asked_for(pool: PgPool) {
    let api = Api::start(pool, &["read"]).await;
    let answer = send(&api, &event("a")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a key without the scope");
    let answer = api.without_key().post("/api/v1/events", "application/json", b"[]".to_vec()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.kind(), "application/problem+json");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn microsofts_shapes(pool: PgPool) {
    let api = Api::start(pool, &["events:write"]).await;
    let shapes = [
        ("graph.json", "application/json"),
        ("records.json", "application/json"),
        ("la.json", "application/json"),
        ("diag.jsonl", "application/x-ndjson"),
        ("la.csv", "text/csv"),
    ];
    for (at, (name, kind)) in shapes.into_iter().enumerate() {
        let answer = api.post_gzip("/api/v1/sources/azure", kind, sample(name)).await.ok();
        // The same records in another shape are duplicates.
        let (accepted, duplicates) = if at == 0 { (1_208, 0) } else { (0, 1_208) };
        assert_eq!(answer, taken(accepted, duplicates), "{name}");
    }
    let other = json!({"value": [{"id": "1", "activityDisplayName": "Verify email address",
        "activityDateTime": "2020-12-01T00:00:00Z", "loggedByService": "B2C", "result": "success"}]});
    let other =
        api.post("/api/v1/sources/azure", "application/json", other.to_string().into_bytes());
    let mut none = taken(0, 0);
    none["ignored"] = json!(1);
    none["ignored_kinds"] = json!({"Verify email address": 1});
    assert_eq!(other.await.ok(), none, "no phone verification");
    let broken =
        api.post("/api/v1/sources/azure", "application/json", b"{\"value\": [}".to_vec()).await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert_eq!((&broken.json["line"], &broken.json["column"]), (&json!(1), &json!(12)));
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33)).into_bytes();
    let deep = api.post("/api/v1/sources/azure", "application/json", deep).await;
    assert_eq!(deep.status, StatusCode::BAD_REQUEST);
}
