//! A server as a process, on an existing database and with its own data directory.

#![allow(clippy::print_stdout, reason = "a test that fails shows what its server said")]

use super::client::Client;
use std::process::Child;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Is killed at the end of its test, also if that fails.
pub struct Server {
    child: Child,
    url: String,
    dir: TempDir,
    at: String,
    /// What it has written to stderr.
    said: Arc<Mutex<String>>,
}

impl Server {
    pub fn start(url: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let said = Arc::default();
        let (child, at) = spawn(url, &dir, &said);
        Self { child, url: url.to_owned(), dir, at, said }
    }

    /// Kills it as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, on the same directory.
    pub fn restart(&mut self) {
        (self.child, self.at) = spawn(&self.url, &self.dir, &self.said);
    }

    /// Its address, `127.0.0.1:port`.
    pub fn at(&self) -> String {
        self.at.clone()
    }

    /// Its peak memory in bytes.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    pub fn client(&self, key: &str) -> Client {
        Client { at: self.at.clone(), key: key.to_owned() }
    }
}

fn spawn(url: &str, dir: &TempDir, said: &Arc<Mutex<String>>) -> (Child, String) {
    let mut command = super::program(dir.path());
    command.env("DATABASE_URL", url);
    // The secret of `Db::new` in tests.
    command.env("TOLLWARDEN_SECRET", "07".repeat(32));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir", "var", "--log", "warn"]);
    super::serve(&mut command, said)
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking()
            && let Ok(said) = self.said.lock()
        {
            println!("a server said:\n{said}");
        }
    }
}
