//! Every report in every format: each cell is read back by other programs (Python's csv, openpyxl,
//! pdftotext) and compared with the JSON report.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

#[path = "../common/mod.rs"]
mod common;

mod data;
mod doors;
mod limits;

use axum::response::Response;
use common::TestRequest;
use common::api::Api;
use data::filled;
use domain::reports::{Format, LogReport, Question, Report};
use domain::workbook::Sight;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use std::path::Path;
use std::process::Command;

/// Asks with a key.
async fn ask(api: &Api, key: &str, path: &str) -> Response {
    api.site.send(TestRequest::new(Method::GET, path).key(key)).await
}

/// A report's bytes.
async fn report(api: &Api, key: &str, path: &str) -> Vec<u8> {
    let response = ask(api, key, &format!("/api/v1/reports/{path}")).await;
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes().to_vec();
    assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&bytes));
    bytes
}

/// The audit log as a report, read without adding an entry to it.
async fn unnoted(api: &Api, format: Format, sight: Sight) -> Vec<u8> {
    let pairs = form_urlencoded::parse(data::QUERY.as_bytes()).into_owned();
    let pairs: Vec<_> = pairs.chain([("format".to_owned(), format.to_string())]).collect();
    let key = api.site.engine.handles.key().await.unwrap();
    let report = Report::Log(LogReport::Audit);
    let question =
        Question::read(report, &pairs, &key, sight, api.site.engine.clock().now()).unwrap();
    let mut pieces = engine::reports::stream(&api.site.engine.db, question, sight, "a test", None);
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.recv().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    bytes
}

/// Writes every report in every format and has them read back.
async fn read_back(api: &Api, key: &str, sight: Sight, folder: &Path) {
    let mut columns = Map::new();
    for report_of in Report::ALL {
        let names: Vec<_> = report_of.columns().iter().map(|column| column.name).collect();
        columns.insert(report_of.to_string(), json!(names));
        for format in Format::ALL {
            let path = format!("{report_of}?{}&format={format}", data::QUERY);
            let bytes = match report_of {
                // Each request would add an entry.
                Report::Log(LogReport::Audit) => unnoted(api, *format, sight).await,
                _ => report(api, key, &path).await,
            };
            std::fs::write(folder.join(format!("{report_of}.{format}")), bytes).unwrap();
        }
    }
    std::fs::write(folder.join("columns"), Value::Object(columns).to_string()).unwrap();
    keep(folder, if sight == Sight::Whole { "whole" } else { "masked" });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report_files/read.py");
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/python");
    let read = Command::new("python3").arg(script).arg(folder).env("PYTHONPATH", tools).output();
    let read = read.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(read.status.success(), "{}\n{}", text(&read.stdout), text(&read.stderr));
}

/// Copies the files into the folder that the environment names, to look at them.
fn keep(folder: &Path, name: &str) {
    let Ok(kept) = std::env::var("TOLLWARDEN_KEEP_REPORTS") else { return };
    let kept = Path::new(&kept).join(name);
    std::fs::create_dir_all(&kept).unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        std::fs::copy(&file, kept.join(file.file_name().unwrap())).unwrap();
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_cell_is_read_back(pool: PgPool) {
    let api = filled(pool).await;
    let whole = data::key(&api, "whole", &["read", "numbers"]).await;
    let masked = data::key(&api, "masked", &["read"]).await;
    for (key, sight) in [(&whole, Sight::Whole), (&masked, Sight::Masked)] {
        let folder = tempfile::tempdir().unwrap();
        read_back(&api, key, sight, folder.path()).await;
        // No other column may show what a mask hides.
        if sight == Sight::Masked {
            for file in ["attempts.csv", "attempts.json", "blocks.json", "audit.json"] {
                let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
                assert!(!text.contains(data::HIDDEN), "{file} tells a number");
            }
        }
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_same_question_has_the_same_bytes(pool: PgPool) {
    let api = filled(pool).await;
    let key = data::key(&api, "whole", &["read", "numbers"]).await;
    let as_of = "as_of=2026-11-20T12:00:00Z";
    let mut before = Vec::new();
    // Every request adds an audit entry: the log's own test uses a running clock.
    let reports = || Report::ALL.iter().filter(|report| report.as_str() != "audit");
    for report_of in reports() {
        for format in Format::ALL {
            let path = format!("{report_of}?{}&{as_of}&format={format}", data::QUERY);
            before.push((report(&api, &key, &path).await, path));
        }
    }
    data::later(&api).await;
    for (bytes, path) in before {
        assert!(report(&api, &key, &path).await == bytes, "{path} has changed");
    }
    // The later events are included now.
    let known = report(&api, &key, "attempts?from=2026-11-01&to=2026-11-21&format=json").await;
    assert!(String::from_utf8(known).unwrap().contains("came-later"));
}
