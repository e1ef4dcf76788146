//! The private cluster with real Postgres programs. Each process of a scenario is this test binary
//! again, running only [`helper`], so that it can be another user and can be killed.
//!
//! As root, Postgres' user is `postgres` (or `tollwarden`), and the unprivileged half of the tests
//! runs as `nobody`. As an ordinary user, both halves run as that user.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and the helper process speaks on stdout"
)]

mod process;
mod refusals;

use engine::postgres::{Cluster, ClusterError, Options, Watched};
use process::Process;
use rustix::process::{Pid, Signal};
use sqlx::{Connection as _, PgConnection};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Environment variable with the data directory for [`helper`].
const DIR: &str = "TOLLWARDEN_TEST_CLUSTER";
/// `nobody` and its group on every Linux.
const NOBODY: u32 = 65534;

fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A directory that Postgres' user can pass through, like /var/lib.
fn temp(mode: u32) -> TempDir {
    let dir = tempfile::Builder::new().prefix("tw-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
    dir
}

/// Not a real test, but the other process of the tests below. Opens the cluster, prints `READY url`
/// or `REFUSED why`, watches it, and leaves on request.
#[tokio::test]
async fn helper() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let mut cluster = match Cluster::open(Path::new(&dir), Options::default()).await {
        Ok(cluster) => cluster,
        Err(error) => {
            println!("\nREFUSED {}", error.to_string().replace('\n', " "));
            return;
        }
    };
    println!("\nREADY {}", cluster.url());
    let mut told = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
    loop {
        tokio::select! {
            _ = &mut told => break,
            () = tokio::time::sleep(Duration::from_millis(50)) => {
                match cluster.watch().await {
                    Ok(Watched::Restarted) => println!("\nRESTARTED"),
                    Ok(_) => {}
                    Err(error) => println!("\nFAILED {error}"),
                }
            }
        }
    }
    println!("\nLEFT {:?}", cluster.leave().await.unwrap());
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

async fn show(connection: &mut PgConnection, name: &'static str) -> String {
    sqlx::query_scalar(name).fetch_one(connection).await.unwrap()
}

async fn rows(url: &str) -> i64 {
    let mut connection = connect(url).await;
    sqlx::query_scalar("SELECT count(*) FROM kept").fetch_one(&mut connection).await.unwrap()
}

/// The process id in postmaster.pid.
fn postmaster(dir: &Path) -> i32 {
    let text = fs::read_to_string(dir.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

fn alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn kill(pid: i32) {
    rustix::process::kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

fn status(pid: i32, field: &str) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.unwrap().split_whitespace().map(|word| word.parse().unwrap()).collect()
}

#[tokio::test]
async fn runs_as_an_ordinary_user_durably_and_in_private() {
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    let pid = postmaster(&dir);
    let uid = status(pid, "Uid:")[0];
    if root() {
        assert_ne!(uid, 0);
        let passwd = fs::read_to_string("/etc/passwd").unwrap();
        let name = passwd
            .lines()
            .find(|line| line.split(':').nth(2) == Some(uid.to_string().as_str()))
            .unwrap();
        assert!(name.starts_with("postgres:") || name.starts_with("tollwarden:"), "{name}");
        assert!(status(pid, "Groups:").is_empty());
    } else {
        assert_eq!(uid, rustix::process::geteuid().as_raw());
    }
    for private in ["data", "run"] {
        let meta = fs::metadata(dir.join(private)).unwrap();
        assert_eq!((meta.mode() & 0o777, meta.uid()), (0o700, uid), "{private}");
    }
    // In a separate process group: a terminal's Ctrl-C goes to ours.
    let group = rustix::process::getpgid(Pid::from_raw(pid)).unwrap();
    assert_ne!(group, rustix::process::getpgrp());
    // Only this process has the locks.
    for descriptor in fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten() {
        let target = fs::read_link(descriptor.unwrap().path()).unwrap_or_default();
        assert_ne!(target.extension(), Some("lock".as_ref()), "{target:?}");
    }

    let mut connection = connect(cluster.url()).await;
    for (statement, value) in [
        ("SHOW fsync", "on"),
        ("SHOW full_page_writes", "on"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW listen_addresses", ""),
        ("SHOW server_encoding", "UTF8"),
        ("SHOW max_connections", "100"),
        ("SHOW jit", "off"),
        ("SELECT current_database()::text", "tollwarden"),
    ] {
        assert_eq!(show(&mut connection, statement).await, value, "{statement}");
    }
    // Not even the superuser's ALTER SYSTEM survives a restart.
    sqlx::query("ALTER SYSTEM SET fsync = off").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    cluster.leave().await.unwrap();
    assert!(!alive(pid));
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    let mut connection = connect(cluster.url()).await;
    assert_eq!(show(&mut connection, "SHOW fsync").await, "on");
    connection.close().await.unwrap();
    cluster.leave().await.unwrap();
}

#[tokio::test]
async fn an_unprivileged_process_has_its_own_cluster_and_the_last_to_leave_stops_it() {
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    fs::create_dir(&dir).unwrap();
    if root() {
        std::os::unix::fs::chown(&dir, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mut first = Process::start(&dir, true);
    let url = first.says("READY").await;
    let pid = postmaster(&dir);
    let owner = fs::metadata(&dir).unwrap().uid();
    assert_eq!(status(pid, "Uid:")[0], owner);
    let mut second = Process::start(&dir, true);
    assert_eq!(second.says("READY").await, url);
    // This process joins too: as root it uses another user's cluster.
    let third = Cluster::open(&dir, Options::default()).await.unwrap();
    assert_eq!(third.url(), url);
    assert_eq!(postmaster(&dir), pid);

    assert_eq!(first.leave().await, "Running");
    third.leave().await.unwrap();
    assert!(alive(pid));
    connect(&url).await.close().await.unwrap();
    assert_eq!(second.leave().await, "Stopped");
    assert!(!alive(pid));
    assert!(!dir.join("data/postmaster.pid").exists());

    // What root touched still belongs to the owner.
    let again = Cluster::open(&dir, Options::default()).await.unwrap();
    assert_eq!(status(postmaster(&dir), "Uid:")[0], owner);
    again.leave().await.unwrap();
    let mut back = Process::start(&dir, true);
    back.says("READY").await;
    assert_eq!(back.leave().await, "Stopped");
}

#[tokio::test]
async fn a_killed_process_leaves_postgres_to_the_next() {
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    let mut first = Process::start(&dir, false);
    let url = first.says("READY").await;
    let pid = postmaster(&dir);
    let mut connection = connect(&url).await;
    sqlx::query("CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    first.kill().await;
    assert!(alive(pid));

    let mut second = Process::start(&dir, false);
    assert_eq!(second.says("READY").await, url);
    assert_eq!(postmaster(&dir), pid);
    assert_eq!(rows(&url).await, 1000);
    assert_eq!(second.leave().await, "Stopped");
    assert!(!alive(pid));
}

#[tokio::test]
async fn a_killed_postgres_is_started_again_with_all_that_was_acknowledged() {
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    let mut holder = Process::start(&dir, false);
    let url = holder.says("READY").await;
    let mut connection = connect(&url).await;
    sqlx::query("CREATE TABLE kept (n bigint)").execute(&mut connection).await.unwrap();
    for n in 0..50_i64 {
        sqlx::query("INSERT INTO kept VALUES ($1)").bind(n).execute(&mut connection).await.unwrap();
    }
    // A backend that is busy when the server dies keeps the shared memory until it is done: the
    // restart has to wait for it.
    let mut busy = connect(&url).await;
    let running = tokio::spawn(async move {
        let _ = sqlx::query("SELECT count(*) FROM generate_series(1, 10000000)")
            .execute(&mut busy)
            .await;
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let first = postmaster(&dir);
    kill(first);
    holder.says("RESTARTED").await;
    assert_ne!(postmaster(&dir), first);
    assert_eq!(rows(&url).await, 50);
    running.await.unwrap();
    let log = fs::read_to_string(dir.join("postgres.log")).unwrap();
    assert!(log.contains("is still in use"), "the restart had to wait: {log}");

    // No process noticed its death: a stale postmaster.pid and socket are left.
    let second = postmaster(&dir);
    holder.kill().await;
    kill(second);
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    assert_eq!(cluster.url(), url);
    assert_eq!(rows(&url).await, 50);
    cluster.leave().await.unwrap();

    // The id in the stale file may even belong to a live process of the same user.
    fs::write(
        dir.join("data/postmaster.pid"),
        format!("{}\n{}\n0\n5432\n", std::process::id(), dir.join("data").display()),
    )
    .unwrap();
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    assert_eq!(rows(&url).await, 50);
    cluster.leave().await.unwrap();
}

#[tokio::test]
async fn a_long_path_gets_a_short_private_socket() {
    let temp = temp(0o755);
    let dir = temp.path().join("d".repeat(120)).join("a, \"b\" %c");
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    assert!(!dir.join("run").exists());
    let options: sqlx::postgres::PgConnectOptions = cluster.url().parse().unwrap();
    let socket_dir = options.get_socket().unwrap().clone();
    assert!(socket_dir.as_os_str().len() < 60, "{socket_dir:?}");
    let meta = fs::symlink_metadata(&socket_dir).unwrap();
    assert_eq!(meta.mode() & 0o777, 0o700);
    assert_eq!(meta.uid(), status(postmaster(&dir), "Uid:")[0]);
    connect(cluster.url()).await.close().await.unwrap();

    let joined = Cluster::open(&dir, Options::default()).await.unwrap();
    assert_eq!(joined.url(), cluster.url());
    joined.leave().await.unwrap();
    cluster.leave().await.unwrap();

    // Another user could have created it: then it is refused, not used.
    fs::set_permissions(&socket_dir, fs::Permissions::from_mode(0o777)).unwrap();
    let error = Cluster::open(&dir, Options::default()).await.unwrap_err();
    assert!(matches!(error, ClusterError::NotPrivate { .. }), "{error}");
    fs::remove_dir_all(&socket_dir).unwrap();
    let elsewhere = temp.path().join("planted");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &socket_dir).unwrap();
    let error = Cluster::open(&dir, Options::default()).await.unwrap_err();
    assert!(matches!(error, ClusterError::NotPrivate { .. }), "{error}");
    fs::remove_file(&socket_dir).unwrap();
}

#[tokio::test]
async fn an_interrupted_initdb_is_done_again() {
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    fs::create_dir_all(dir.join("data.new-1/base")).unwrap();
    fs::write(dir.join("data.new-1/PG_VERSION"), "15\n").unwrap();
    let mut process = Process::start(&dir, false);
    // Killed somewhere in the middle; its initdb may still be running.
    let begun = std::time::Instant::now();
    while !dir.join(format!("data.new-{}", process.child.id().unwrap())).exists() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    process.child.kill().await.unwrap();
    assert!(!dir.join("data").exists());

    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    connect(cluster.url()).await.close().await.unwrap();
    cluster.leave().await.unwrap();
    let left: Vec<PathBuf> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("data.new"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_dead_server_that_nobody_reaped_is_not_taken_for_alive() {
    // A zombie has a process id, and Postgres' own check would wait for it forever.
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    cluster.leave().await.unwrap();
    let mut zombie = std::process::Command::new("true");
    if root() {
        let owner = fs::metadata(dir.join("data")).unwrap();
        zombie.uid(owner.uid()).gid(owner.gid());
    }
    let mut zombie = zombie.spawn().unwrap();
    fs::write(dir.join("data/postmaster.pid"), format!("{}\n", zombie.id())).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    cluster.leave().await.unwrap();
    zombie.wait().unwrap();
}
