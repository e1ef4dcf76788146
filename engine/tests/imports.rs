//! Files imported through the console: received, read and reported; continued after a stop.
#![allow(clippy::unwrap_used, reason = "a test stops at what goes wrong")]

use domain::audit::By;
use domain::sources::Dates;
use domain::workbook::Sight;
use engine::Engine;
use engine::imports::{ImportState, UploadError};
use engine::work::Progress;
use sqlx::PgPool;
use std::net::IpAddr;
use std::path::Path;
use store::{Clock, Db};
use tokio_util::sync::CancellationToken;

const LOG: &str = r#"{"id":"1","source":"t","time":"2026-11-20T09:00:00Z","kind":"sent"}
{"id":"2","source":"t","time":"2026-11-20T09:00:00Z","kind":"exploded"}
{"id":"1","source":"t","time":"2026-11-20T09:00:00Z","kind":"sent"}
"#;

async fn engine(pool: PgPool, spool: &Path) -> Engine {
    let now = domain::period::parse_time("2026-11-20T12:00:00Z").unwrap();
    Engine::start(Db::new(pool, Clock::fixed(now))).await.unwrap().with_spool(spool)
}

fn files(spool: &Path) -> usize {
    std::fs::read_dir(spool).unwrap().count()
}

fn ann() -> By {
    By::account("ann@example.com", IpAddr::from([127, 0, 0, 1]))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_file_is_received_and_read(pool: PgPool) {
    let spool = tempfile::tempdir().unwrap();
    let engine = engine(pool, spool.path()).await;
    let stop = CancellationToken::new();
    let mut file = engine.imports.receive("C:\\logs\\a.ndjson", ann()).await.unwrap();
    for piece in LOG.as_bytes().chunks(7) {
        file.write(piece).await.unwrap();
    }
    file.finish().await.unwrap();
    let waiting = &engine.imports.list().await.unwrap()[0];
    assert_eq!((waiting.state, waiting.file_name.as_str()), (ImportState::Waiting, "a.ndjson"));

    assert_eq!(engine.imports.step(&stop).await.unwrap(), Progress::Worked);
    assert_eq!(engine.imports.step(&stop).await.unwrap(), Progress::Idle);
    let done = &engine.imports.list().await.unwrap()[0];
    assert_eq!(done.state, ImportState::Done);
    let counts = &done.counts;
    assert_eq!((counts.read, counts.accepted, counts.duplicates, counts.rejected), (3, 1, 1, 1));
    assert_eq!(done.done_bytes, i64::try_from(LOG.len()).unwrap());

    let rejected = engine.imports.rejected(done.id, Sight::Whole).await.unwrap();
    let mut lines = rejected.lines();
    assert_eq!(lines.next(), Some("line,field,reason"));
    assert!(lines.next().unwrap().starts_with("2,kind,"), "{rejected}");
    assert_eq!(files(spool.path()), 1, "the log itself is gone");
}

/// A file with ambiguous dates is read in the order that the user specified.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn dates_are_read_as_is_said(pool: PgPool) {
    let spool = tempfile::tempdir().unwrap();
    let engine = engine(pool, spool.path()).await;
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/cases/07.csv");
    let log = std::fs::read_to_string(case).unwrap().replace("2026/11/20 ", "05/11/2026 ");
    for (dates, accepted) in [(Dates::Plain, 0), (Dates::Dmy, 2)] {
        let mut file = engine.imports.receive("07.csv", ann()).await.unwrap().dated(dates);
        file.write(log.as_bytes()).await.unwrap();
        file.finish().await.unwrap();
        engine.imports.step(&CancellationToken::new()).await.unwrap();
        let jobs = engine.imports.list().await.unwrap();
        let done = jobs.iter().find(|job| job.dates == dates).unwrap();
        assert_eq!(done.counts.accepted, accepted, "{dates}");
    }
    let fifth = "select count(*) from event where time::date = '2026-11-05'";
    let fifth: i64 = sqlx::query_scalar(fifth).fetch_one(engine.db.read()).await.unwrap();
    assert_eq!(fifth, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn files_that_never_come_whole_leave_nothing(pool: PgPool) {
    let spool = tempfile::tempdir().unwrap();
    let engine = engine(pool, spool.path()).await;
    let nameless = engine.imports.receive("", ann()).await;
    assert!(matches!(nameless, Err(UploadError::Refused(_))));
    let empty = engine.imports.receive("a", ann()).await.unwrap();
    assert!(matches!(empty.finish().await, Err(UploadError::Refused(_))));
    let mut cut = engine.imports.receive("a", ann()).await.unwrap();
    cut.write(b"{").await.unwrap();
    drop(cut);
    assert_eq!(files(spool.path()), 0);
    assert!(engine.imports.list().await.unwrap().is_empty());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_stopped_import_is_taken_up_again(pool: PgPool) {
    let spool = tempfile::tempdir().unwrap();
    let engine = engine(pool.clone(), spool.path()).await;
    let mut file = engine.imports.receive("a.ndjson", ann()).await.unwrap();
    file.write(LOG.as_bytes()).await.unwrap();
    file.finish().await.unwrap();
    let stopped = CancellationToken::new();
    stopped.cancel();
    engine.imports.step(&stopped).await.unwrap();
    assert_eq!(engine.imports.list().await.unwrap()[0].state, ImportState::Running);

    engine.imports.step(&CancellationToken::new()).await.unwrap();
    let job = &engine.imports.list().await.unwrap()[0];
    assert_eq!((job.state, job.counts.rejected), (ImportState::Done, 1));
    assert_eq!(job.counts.accepted + job.counts.duplicates, 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_is_no_log_says_so(pool: PgPool) {
    let spool = tempfile::tempdir().unwrap();
    let engine = engine(pool, spool.path()).await;
    for bytes in [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
        b"hello \0 world\nmore\0",
        b"{\"id\": \"\0\"}",
        b"\x01\x02\x03\x04\x05\x06\x07\x08",
    ] {
        let mut file = engine.imports.receive("a.png", ann()).await.unwrap();
        file.write(bytes).await.unwrap();
        file.finish().await.unwrap();
        engine.imports.step(&CancellationToken::new()).await.unwrap();
        let jobs = engine.imports.list().await.unwrap();
        let told =
            |job: &engine::imports::ImportJob| job.error.is_some() || job.counts.rejected > 0;
        assert!(jobs.iter().all(|job| told(job) && job.counts.accepted == 0), "{jobs:?}");
        assert!(
            jobs.iter().all(|job| matches!(job.state, ImportState::Failed | ImportState::Done))
        );
    }
}
