//! Reports that are too large for a format, bad queries, and clients that disconnect.

use super::{ask, data};
use crate::common::api::Api;
use http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::Value;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// Adds attempts by SQL, without events.
pub async fn attempts(pool: &PgPool, count: i64) {
    sqlx::query(
        r#"insert into attempt (id, time, outcome, outcome_time, reason, reason_text, journey,
               "user", user_key, phone, region, channel, flow, ip, origins)
           select gen_random_uuid(), t, 'failed', t, 'busy', 'the line was busy', 'j' || n,
               'user' || n || '@example.com', 'user' || n || '@example.com',
               '+1415' || (2000000 + n), 'US', 'sms', 'B2C_1A_signin', '203.0.113.9', '{}'
           from generate_series(1, $1) as n,
               lateral (select timestamptz '2026-11-20' - n * interval '1 s') as at (t)"#,
    )
    .bind(count)
    .execute(pool)
    .await
    .unwrap();
}

const RANGE: &str = "from=2026-11-01&to=2026-11-21";

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_document_says_before_it_begins_that_it_has_no_room(pool: PgPool) {
    attempts(&pool, 20_001).await;
    let api = Api::start(pool, &["read", "numbers"]).await;
    let refused = api.get(&format!("/api/v1/reports/attempts?{RANGE}&format=pdf")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let error = &refused.json["errors"][0];
    assert_eq!((&error["field"], &error["code"]), (&"format".into(), &"too_large".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("20,000 rows") && message.contains("csv"), "{message}");
    // A breakdown is counted, too: here each attempt has its own flow.
    sqlx::query("update attempt set flow = journey").execute(api.site.db.facts()).await.unwrap();
    let path = format!("/api/v1/reports/conversion?{RANGE}&by=flow&format=pdf");
    let refused = api.get(&path).await;
    assert_eq!(refused.json["errors"][0]["code"], "too_large", "{}", refused.text);
    let noted = api.count("select count(*) from audit where activity = 'Report exported'").await;
    assert_eq!(noted, 0, "nobody has anything yet");
    let fits = "from=2026-11-01&to=2026-11-19T23:59:59Z";
    let path = format!("/api/v1/reports/attempts?{fits}&format=json");
    assert_eq!(api.get(&path).await.ok().as_array().unwrap().len(), 20_000);
}

/// The rows of a sheet without its header (Excel's specification).
const SHEET: i64 = 1_048_575;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_sheet_says_before_it_begins_that_it_has_no_room(pool: PgPool) {
    // A million rows are inserted quickly without the indexes that this test does not use, and in
    // the order of the others.
    sqlx::query("drop index attempt_user, attempt_phone, attempt_ip").execute(&pool).await.unwrap();
    sqlx::query(
        "insert into attempt (id, time, outcome, outcome_time, journey, origins)
         select lpad(to_hex(n), 32, '0')::uuid, t, 'failed', t, 'j' || n, '{}'
         from generate_series(1, $1) as n,
             lateral (select timestamptz '2026-11-01' + n * interval '1 s') as at (t)",
    )
    .bind(SHEET + 1)
    .execute(&pool)
    .await
    .unwrap();
    let api = Api::start(pool, &["read", "numbers"]).await;
    let path = format!("/api/v1/reports/attempts?{RANGE}&format=xlsx");
    let refused = api.get(&path).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    let error = &refused.json["errors"][0];
    assert_eq!((&error["field"], &error["code"]), (&"format".into(), &"too_large".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("1,048,575 rows") && message.contains("csv or json"), "{message}");
    let noted = api.count("select count(*) from audit where activity = 'Report exported'").await;
    assert_eq!(noted, 0, "nobody has anything yet");

    // One row fewer fits, and CSV has no limit; the test does not read either to its end.
    let key = data::key(&api, "reader", &["read", "numbers"]).await;
    let csv = ask(&api, &key, &path.replace("xlsx", "csv")).await;
    assert_eq!(csv.status(), StatusCode::OK);
    drop(csv);
    let one = "delete from attempt where time = '2026-11-01T00:00:01Z'";
    assert_eq!(sqlx::query(one).execute(api.site.db.facts()).await.unwrap().rows_affected(), 1);
    assert_eq!(ask(&api, &key, &path).await.status(), StatusCode::OK);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn as_many_are_written_at_once_as_there_are_places(pool: PgPool) {
    attempts(&pool, 30_000).await;
    // With ten connections two reports may be written at once.
    let options = PgPoolOptions::new().max_connections(10);
    let pool = options.connect_with((*pool.connect_options()).clone()).await.unwrap();
    let api = Api::start(pool, &["read", "admin"]).await;
    let key = data::key(&api, "reader", &["read", "numbers"]).await;
    let path = format!("/api/v1/reports/attempts?{RANGE}");
    let first = ask(&api, &key, &path).await;
    let second = ask(&api, &key, &path).await;
    assert_eq!((first.status(), second.status()), (StatusCode::OK, StatusCode::OK));

    let refused = ask(&api, &key, &path).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let body = refused.into_body().collect().await.unwrap().to_bytes();
    let problem: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem["type"], "urn:tollwarden:queue_full");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("too many reports are being written at once"), "{detail}");
    let noted = "select count(*) from audit where activity = 'Report exported'";
    assert_eq!(api.count(noted).await, 2, "who was refused has nothing");
    // Other requests are answered meanwhile.
    api.get("/api/v1/settings/names").await.ok();

    // A waiting request gets the place of a client that disconnects.
    let goes = async {
        tokio::task::yield_now().await;
        drop(first);
    };
    let (third, ()) = tokio::join!(ask(&api, &key, &path), goes);
    assert_eq!(third.status(), StatusCode::OK);
    drop((second, third));
    assert_eq!(ask(&api, &key, &path).await.status(), StatusCode::OK);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn whoever_goes_away_is_not_written_for(pool: PgPool) {
    attempts(&pool, 30_000).await;
    let api = Api::start(pool, &["read"]).await;
    let key = data::key(&api, "reader", &["read", "numbers"]).await;
    // As many rows as fit into a document; the other formats get more.
    let fits = "from=2026-11-19T18:30:00Z&to=2026-11-21";
    for (format, range) in [("csv", RANGE), ("json", RANGE), ("xlsx", RANGE), ("pdf", fits)] {
        let path = format!("/api/v1/reports/attempts?{range}&format={format}");
        let mut response = ask(&api, &key, &path).await;
        assert_eq!(response.status(), StatusCode::OK);
        // The others send nothing before their last row is known.
        if matches!(format, "csv" | "json") {
            assert!(response.body_mut().frame().await.unwrap().is_ok());
        }
        drop(response);
    }
    // Every connection is returned: nothing is read any more.
    let pool = api.site.db.read();
    while pool.num_idle() < usize::try_from(pool.size()).unwrap() {
        tokio::task::yield_now().await;
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_cannot_be_asked_is_told_beside_its_field(pool: PgPool) {
    let api = Api::start(pool, &["read"]).await;
    let long = format!("attempts?flow={}", "x".repeat(10_240));
    for (path, field) in [
        ("ip-failures?from=2026-11-02&to=2026-11-01", "from"),
        ("ip-failures?from=2026-11-02&to=2026-11-02", "from"),
        ("ip-failures?from=1000-01-01&to=2026-11-02", "from"),
        ("failures-by-ip?bucket=1m&from=2000-01-01&to=2100-01-01", "bucket"),
        ("failures-by-ip?bucket=fortnight", "bucket"),
        ("conversion?by=moon", "by"),
        ("attempts?flow=%FF%FE", "flow"),
        ("attempts?user=%00", "user"),
        ("attempts?outcome=%27%20or%201%3D1--", "outcome"),
        ("attempts?number=n_forged", "number"),
        ("attempts?number=%2B14155550100", "number"),
        ("attempts?as_of=2026-11-20T12:00:01Z", "as_of"),
        ("attempts?chanel=sms", "chanel"),
        ("browsers?user=anna", "user"),
        (long.as_str(), "flow"),
    ] {
        let answer = api.get(&format!("/api/v1/reports/{path}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path:.60}: {}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], Value::from(field), "{path:.60}");
    }
    // Quotes and percent signs are valid.
    for filter in ["flow=%25%27%22", "ip=2001:db8::1", "region=001", "reason=busy"] {
        for report in ["attempts", "failures-by-flow", "flow-failures", "conversion"] {
            let path = format!("/api/v1/reports/{report}?{filter}&format=json");
            assert_eq!(api.get(&path).await.ok(), serde_json::json!([]), "{path}");
        }
    }
    let century = "from=2000-01-01&to=2100-01-01&format=json";
    for report in ["failures-by-ip", "attempts", "ip-failures", "conversion"] {
        let path = format!("/api/v1/reports/{report}?{century}");
        assert_eq!(api.get(&path).await.ok(), serde_json::json!([]), "{report}");
    }
}
