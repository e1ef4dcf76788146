//! `GET /api/v1/reports/{name}`: the sample logs' numbers, masking, and bad input.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

mod common;

use common::api::{Api, sample};
use http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::BTreeMap;

const RANGE: &str = "from=2020-12-01T00:00:00Z&to=2020-12-05T00:00:00Z";

async fn filled(pool: PgPool, scopes: &[&str]) -> Api {
    let api = Api::start(pool, scopes).await;
    api.post_gzip("/api/v1/sources/azure", "text/csv", sample("la.csv")).await.ok();
    api
}

/// A report's rows as truth.json writes them: cells joined by `|`, and the count.
fn counts(rows: &Value, cells: &[&str]) -> BTreeMap<String, u64> {
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let cells: Vec<&str> = cells.iter().map(|cell| row[cell].as_str().unwrap()).collect();
            (cells.join("|"), row["count"].as_u64().unwrap())
        })
        .collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn reports_tell_the_truth(pool: PgPool) {
    let api = filled(pool, &["events:write", "read", "numbers"]).await;
    let path = format!("{}/../testdata/b2c/truth.json", env!("CARGO_MANIFEST_DIR"));
    let truth: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for (under, channel) in [("voice", "&channel=voice"), ("all", "")] {
        for (report, cells) in [
            ("failure-reasons", &["reason_text"][..]),
            ("blocked-numbers", &["phone"]),
            ("ip-failures", &["ip"]),
            ("number-ip-failures", &["phone", "ip"]),
            ("browsers", &["family"]),
            ("operating-systems", &["family"]),
        ] {
            let path = format!("/api/v1/reports/{report}?{RANGE}&format=json{channel}");
            let rows = api.get(&path).await.ok();
            let expected: BTreeMap<String, u64> =
                serde_json::from_value(truth[under][report].clone()).unwrap();
            assert_eq!(counts(&rows, cells), expected, "{report} under {under}");
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn numbers_are_masked_without_the_scope(pool: PgPool) {
    let api = filled(pool, &["events:write", "read"]).await;
    let csv = api.get(&format!("/api/v1/reports/blocked-numbers?{RANGE}")).await;
    assert_eq!((csv.status, csv.kind()), (StatusCode::OK, "text/csv; charset=utf-8"));
    let mut lines = csv.text.split("\r\n");
    assert_eq!(lines.next(), Some("phone,count"));
    assert_eq!(lines.next(), Some("'+37125••••66,2"));
    assert_eq!(csv.text.split("\r\n").count(), 33 + 2, "equal masks stay separate rows");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_questions(pool: PgPool) {
    let api = Api::start(pool, &["read"]).await;
    for (path, status, field) in [
        ("no-such-report", StatusCode::NOT_FOUND, None),
        (
            "ip-failures?from=2020-12-05&to=2020-12-01",
            StatusCode::UNPROCESSABLE_ENTITY,
            Some("from"),
        ),
        ("ip-failures?from=yesterday", StatusCode::UNPROCESSABLE_ENTITY, Some("from")),
        ("ip-failures?to=1999-01-01", StatusCode::UNPROCESSABLE_ENTITY, Some("to")),
        ("ip-failures?range=7y", StatusCode::UNPROCESSABLE_ENTITY, Some("range")),
        ("ip-failures?channel=pigeon", StatusCode::UNPROCESSABLE_ENTITY, Some("channel")),
        ("ip-failures?format=doc", StatusCode::UNPROCESSABLE_ENTITY, None),
    ] {
        let answer = api.get(&format!("/api/v1/reports/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert_eq!(answer.kind(), "application/problem+json");
        if let Some(field) = field {
            assert_eq!(answer.json["errors"][0]["field"], json!(field), "{path}");
        }
    }
    let empty = api.get("/api/v1/reports/ip-failures?format=json").await;
    assert_eq!(empty.ok(), json!([]));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn logs_are_exported_whole_and_filtered(pool: PgPool) {
    let api = filled(pool, &["events:write", "read", "numbers"]).await;
    let all = api.get(&format!("/api/v1/reports/attempts?{RANGE}")).await;
    let attempts = usize::try_from(api.count("select count(*) from attempt").await).unwrap();
    assert_eq!(all.text.lines().count(), attempts + 1);
    assert!(all.text.starts_with("time,journey,user,phone,region,channel,flow,ip,outcome,"));

    let path = format!("/api/v1/reports/attempts?{RANGE}&outcome=verified&format=json");
    let verified = api.get(&path).await.ok();
    let verified = verified.as_array().unwrap();
    assert!(!verified.is_empty() && verified.len() < attempts);
    assert!(verified.iter().all(|row| row["outcome"] == "verified"));
    let number = verified[0]["phone"].as_str().unwrap().replace('+', "%2B");
    let of_number = api
        .get(&format!("/api/v1/reports/attempts?{RANGE}&number={number}&format=json"))
        .await
        .ok();
    assert!(!of_number.as_array().unwrap().is_empty());
    let logged: String = sqlx::query_scalar(
        "select coalesce(string_agg(after::text, ''), '') from audit_whole where object = 'attempts'",
    )
    .fetch_one(api.site.db.read())
    .await
    .unwrap();
    let digits = verified[0]["phone"].as_str().unwrap();
    assert!(logged.contains("n_") && !logged.contains(digits), "a number stands in the log");

    for report in ["fraud-reports", "blocks"] {
        let answer = api.get(&format!("/api/v1/reports/{report}?{RANGE}&format=json")).await.ok();
        assert_eq!(answer, json!([]), "{report}");
    }
    let audit =
        api.get("/api/v1/reports/audit?from=2026-11-01&to=2026-11-21&format=json").await.ok();
    assert!(audit.as_array().unwrap().iter().any(|row| row["object"] == "attempts"), "{audit}");
    for wrong in ["outcome=eaten", "region=XYZ", "ip=1.2.3", "number=n_forged"] {
        let refused = api.get(&format!("/api/v1/reports/attempts?{RANGE}&{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
}
