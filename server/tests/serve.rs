//! `serve` as a process on its own private cluster: what it prints, that it excludes a second one,
//! and what it leaves behind. Needs the site (`make build`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod process;

use process::program;
use sqlx::Connection as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// Is killed at the end of its test, also if that fails.
struct Server {
    child: Child,
    /// `127.0.0.1:port`.
    at: String,
    /// What it has written to stderr.
    said: Arc<Mutex<String>>,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let said = Arc::default();
        let (child, at) = process::serve(program(dir).args(SERVE), &said);
        Self { child, at, said }
    }

    /// Waits until it has written these words.
    fn says(&self, words: &str) {
        let begun = Instant::now();
        while !self.said.lock().unwrap().contains(words) {
            assert!(begun.elapsed() < Duration::from_secs(5), "{}", self.said.lock().unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.at).unwrap();
        let host = &self.at;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn postmaster(dir: &Path) -> Option<String> {
    let text = fs::read_to_string(dir.join("var/data/postmaster.pid")).ok()?;
    text.lines().next().map(str::to_owned)
}

fn alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// The server's connections use a role that has no rights beyond serving.
fn serves_as_a_role_without_rights(socket: &str) {
    let tried = async {
        let options = |name: &str| {
            let options = sqlx::postgres::PgConnectOptions::new_without_pgpass();
            options.socket(socket).username(name).database("tollwarden")
        };
        let mut owner = sqlx::PgConnection::connect_with(&options("tollwarden")).await.unwrap();
        let roles: Vec<String> = sqlx::query_scalar(
            "select distinct usename::text from pg_stat_activity
             where application_name = 'tollwarden'",
        )
        .fetch_all(&mut owner)
        .await
        .unwrap();
        assert_eq!(roles, ["tollwarden_app"]);
        let options = options("tollwarden_app");
        let mut serving = sqlx::PgConnection::connect_with(&options).await.unwrap();
        let power = store::roles::power(&mut serving).await.unwrap();
        assert_eq!(power, store::roles::RolePower::Serving);
        for sql in [
            "alter table audit disable trigger all",
            "truncate audit",
            "set session_replication_role = replica",
            "create temporary table x (a int)",
        ] {
            let refused = sqlx::raw_sql(sql).execute(&mut serving).await.unwrap_err();
            let code = refused.as_database_error().and_then(|error| error.code());
            assert_eq!(code.as_deref(), Some("42501"), "{sql}: {refused}");
        }
        owner.close().await.unwrap();
        serving.close().await.unwrap();
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(tried);
}

#[test]
fn serves_alone_survives_and_stops_in_order() {
    let dir = process::folder();
    let dir = dir.path();

    // Killed, it leaves its Postgres to the next process.
    let mut first = Server::start(dir);
    first.says(&format!("http://{}/set-up/", first.at));
    assert!(first.get("/healthz").starts_with("HTTP/1.1 200"));
    let postgres = postmaster(dir).unwrap();
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert!(alive(&postgres));

    let mut server = Server::start(dir);
    assert_eq!(postmaster(dir).as_deref(), Some(postgres.as_str()));
    let second = program(dir).args(SERVE).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(second.stdout.is_empty());
    let refusal = String::from_utf8(second.stderr).unwrap();
    assert!(refusal.contains(&format!("{}", dir.join("var").display())), "{refusal}");

    // It serves as a role that can neither alter nor empty the audit log.
    let pid = fs::read_to_string(dir.join("var/data/postmaster.pid")).unwrap();
    let socket = pid.lines().nth(4).unwrap().to_owned();
    serves_as_a_role_without_rights(&socket);

    // Another command joins and leaves it running.
    let args = ["key", "create", "--name", "k", "--scope", "read", "--data-dir", "var"];
    assert!(program(dir).args(args).status().unwrap().success());
    assert!(server.get("/readyz").starts_with("HTTP/1.1 200"));

    // Postgres dies: it is started again, and the server with it.
    assert!(Command::new("kill").args(["-9", &postgres]).status().unwrap().success());
    let begun = Instant::now();
    while postmaster(dir).is_none_or(|pid| pid == postgres)
        || !server.get("/readyz").starts_with("HTTP/1.1 200")
    {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not come back");
        std::thread::sleep(Duration::from_millis(100));
    }
    let postgres = postmaster(dir).unwrap();

    // A connection that is open and idle does not hold up the end.
    let _idle = TcpStream::connect(&server.at).unwrap();
    server.signal("-TERM");
    let begun = Instant::now();
    let status = server.child.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(status.success(), "{status}");
    // Postgres removes its file a moment before it ends.
    while alive(&postgres) {
        assert!(begun.elapsed() < Duration::from_secs(10), "Postgres goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(postmaster(dir), None);
}
