//! `import` as it is typed: what it prints, how it exits, what it leaves in the store.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use sqlx::{ConnectOptions as _, PgPool};
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/b2c")
}

fn event(id: u32) -> String {
    format!(r#"{{"id":"{id}","source":"shop","time":"2020-12-01T00:00:00Z","kind":"sent"}}"#)
}

fn import(pool: &PgPool, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollwarden"));
    command.env_clear().env("DATABASE_URL", pool.connect_options().to_url_lossy().to_string());
    command.arg("import").args(args).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Exit code, the last line of stdout, stderr.
fn run(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let last = stdout.lines().last().unwrap_or_default().to_owned();
    (output.status.code().unwrap(), last, stderr)
}

fn counts([read, accepted, duplicates, ignored, rejected]: [u64; 5]) -> String {
    let kinds = if ignored > 0 { format!(r#""Issue token":{ignored}"#) } else { String::new() };
    format!(
        r#"{{"read":{read},"accepted":{accepted},"enriched":0,"duplicates":{duplicates},"ignored":{ignored},"rejected":{rejected},"ignored_kinds":{{{kinds}}}}}"#
    )
}

async fn stored(pool: &PgPool) -> i64 {
    sqlx::query_scalar("select count(*) from event").fetch_one(pool).await.unwrap()
}

/// Waits until so many events are stored.
async fn until(pool: &PgPool, events: i64) {
    let begun = Instant::now();
    while stored(pool).await < events {
        assert!(begun.elapsed() < Duration::from_secs(60), "not stored within a minute");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn interrupt(child: Child) -> (Option<i32>, String, String) {
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_shape_brings_the_same_events(pool: PgPool) {
    let first = samples().join("la.csv.gz");
    let done = run(&mut import(&pool, &[first.to_str().unwrap()]));
    assert_eq!(done, (0, counts([1208, 1208, 0, 0, 0]), String::new()));
    // The directory also contains the counts, which are not a log.
    let (code, last, stderr) = run(&mut import(&pool, &[samples().to_str().unwrap()]));
    assert_eq!((code, last), (0, counts([6041, 0, 6040, 0, 1])));
    assert!(stderr.contains("truth.json:1: ") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(stored(&pool).await, 1208);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn bad_lines_and_bad_files(pool: PgPool) {
    let dir = TempDir::new().unwrap();
    let log = dir.path().join("a.jsonl");
    let ignored = r#"{"id":"1","operationName":"Issue token","time":"2020-12-01T00:00:00Z"}"#;
    fs::write(&log, format!("{}\noops\n{}\n{ignored}\n", event(1), event(1))).unwrap();
    let log = log.to_str().unwrap();
    let (code, last, stderr) = run(&mut import(&pool, &[log]));
    assert_eq!((code, last), (0, counts([4, 1, 1, 1, 1])));
    assert_eq!(stderr, format!("{log}:2: malformed JSON at line 2, column 1: expected value\n"));
    assert_eq!(run(&mut import(&pool, &["--strict", log])).0, 3);
    // A missing file does not stop the others, but the command fails.
    let (code, last, stderr) = run(&mut import(&pool, &["nowhere.json", log]));
    assert_eq!((code, last), (1, counts([4, 0, 2, 1, 1])));
    assert!(stderr.starts_with("tollwarden: nowhere.json: cannot be opened"), "{stderr}");
    // Control characters of a log do not reach the terminal.
    fs::write(log, "{\"\\u001b[2J\":1,\"id\":\"x\"}").unwrap();
    let (_, _, stderr) = run(&mut import(&pool, &[log]));
    assert!(!stderr.contains('\u{1b}') && stderr.contains("\\u{1b}[2J"), "{stderr:?}");
    assert_eq!(run(&mut import(&pool, &["--format", "morse", log])).0, 2);
    assert_eq!(run(&mut import(&pool, &["--follow", log])).0, 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_interrupt_keeps_what_was_committed(pool: PgPool) {
    let mut child = import(&pool, &["-"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}\n{}", event(1), event(2)).unwrap();
    until(&pool, 2).await;
    // The pipe stays open: nothing but the signal ends it.
    let (code, stdout, _) = interrupt(child);
    assert_eq!((code, stdout), (Some(130), counts([2, 2, 0, 0, 0]) + "\n"));
    drop(stdin);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_directory_is_followed(pool: PgPool) {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("h=09")).unwrap();
    let log = dir.path().join("h=09/PT1H.json");
    fs::write(&log, event(1)).unwrap();
    let mut child = import(&pool, &["--follow", dir.path().to_str().unwrap()]).spawn().unwrap();
    until(&pool, 1).await;
    let mut file = OpenOptions::new().append(true).open(&log).unwrap();
    write!(file, "\n{}\noops\n{}", event(2), &event(3)[..20]).unwrap();
    until(&pool, 2).await;
    writeln!(file, "{}", &event(3)[20..]).unwrap();
    let mut packed = Vec::new();
    let mut gzip =
        flate2::read::GzEncoder::new(std::io::Cursor::new(event(4)), flate2::Compression::fast());
    gzip.read_to_end(&mut packed).unwrap();
    fs::write(dir.path().join("late.json.gz"), packed).unwrap();
    until(&pool, 4).await;
    assert!(child.try_wait().unwrap().is_none());
    let (code, stdout, stderr) = interrupt(child);
    assert_eq!((code, stdout), (Some(130), counts([5, 4, 0, 0, 1]) + "\n"), "{stderr}");
    let place = format!("{}:3: malformed JSON at line 3, column 1: expected value", log.display());
    assert_eq!(stderr.trim_end(), place);
}
