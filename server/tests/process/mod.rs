//! The binary as a process.

#![allow(dead_code, reason = "each test uses its own part of this")]

pub mod client;
pub mod server;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A directory that Postgres' user can enter, with a path short enough for its socket.
pub fn folder() -> TempDir {
    let dir = tempfile::Builder::new().prefix("tw-").tempdir_in("/tmp").unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// The binary in a directory, with nothing in its environment but what it needs to find Postgres.
pub fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollwarden"));
    command.current_dir(dir).env_clear();
    for kept in ["PATH", "TOLLWARDEN_PG_BIN"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `serve` and waits until it listens; returns its address, `127.0.0.1:port`. A thread adds
/// its output to `said`, so that its log never blocks.
pub fn serve(command: &mut Command, said: &Arc<Mutex<String>>) -> (Child, String) {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let at = loop {
        let mut line = String::new();
        let read = stderr.read_line(&mut line).unwrap();
        said.lock().unwrap().push_str(&line);
        assert!(read > 0, "serve ended: {}", said.lock().unwrap());
        if let Some(url) = line.strip_prefix("Tollwarden is at http://") {
            break url.trim().to_owned();
        }
    };
    let said = Arc::clone(said);
    std::thread::spawn(move || {
        let mut line = String::new();
        while stderr.read_line(&mut line).is_ok_and(|read| read > 0) {
            said.lock().unwrap().push_str(&line);
            line.clear();
        }
    });
    (child, at)
}
