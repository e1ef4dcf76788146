//! A data directory with its private Postgres, and servers over it.

use crate::process::folder;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The longest time that recovery may take.
pub const WELL_WITHIN: Duration = Duration::from_secs(60);

/// A server's process.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub base: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Waits until it says that it is ready.
    pub fn wait_ready(&self) {
        let begun = Instant::now();
        while ureq::get(format!("{}/readyz", self.base)).call().is_err() {
            assert!(begun.elapsed() < WELL_WITHIN, "not ready again: {}", self.log_text());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What it has written to its log.
    pub fn log_text(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// As `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("a server said:\n{}", self.log_text());
        }
    }
}

/// A data directory.
pub struct DataDirectory {
    dir: TempDir,
    /// Whether it is a mounted disk.
    mounted: bool,
    /// The API key of all requests.
    pub key: String,
}

impl DataDirectory {
    /// An empty store with a key, a recipient of alerts, and fraud reports switched on.
    pub fn new() -> Self {
        Self::made(folder(), false)
    }

    /// The same on a mounted disk of this size; `None` if this user may not mount one.
    pub fn on_small_disk(options: &str) -> Option<Self> {
        let dir = folder();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(dir.path()).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then(|| Self::made(dir, true))
    }

    fn made(dir: TempDir, mounted: bool) -> Self {
        let mut desk = Self { dir, mounted, key: String::new() };
        desk.run(&["migrate"]);
        let scopes = "events:write,decisions:write,reports:write,read,numbers,admin";
        let key = desk.run(&["key", "create", "--name", "faults", "--scope", scopes]);
        desk.key = String::from_utf8(key.stdout).unwrap().trim().to_owned();
        desk.run(&["settings", "set", "fraud_alerts.allow_user_reports=true"]);
        desk
    }

    /// A path in the directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A command of the program on this directory.
    pub fn command(&self, words: &[&str]) -> Command {
        program(self.dir.path(), words)
    }

    /// Runs a command, which must succeed.
    pub fn run(&self, words: &[&str]) -> Output {
        let output = self.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {said}");
        output
    }

    /// A server on the private Postgres.
    pub fn serve(&self) -> Server {
        start(self.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// The same with these variables, which its Postgres inherits.
    pub fn serve_with(&self, environment: &[(&str, &str)]) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(environment.iter().copied());
        start(command)
    }

    /// Sends a request; status and body.
    pub fn post(&self, server: &Server, path: &str, body: &Value) -> (u16, String) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let request = agent.post(format!("{}{path}", server.base));
        let request = request.header("authorization", format!("Bearer {}", self.key));
        let request = request.header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// One of several servers with the same secret on a Postgres that none of them starts.
    pub fn serve_on(&self, url: &str, data: &str) -> Server {
        let mut command = program(self.dir.path(), &["serve", "--listen", "127.0.0.1:0"]);
        let secret = fs::read_to_string(self.path("var/secret")).unwrap();
        command.env("DATABASE_URL", url).env("TOLLWARDEN_SECRET", secret.trim());
        command.env("TOLLWARDEN_DATA_DIR", data);
        start(command)
    }

    /// Opens the private cluster beside the servers and holds it until the value is dropped.
    pub async fn cluster(&self) -> engine::postgres::Cluster {
        let options = engine::postgres::Options::default();
        engine::postgres::Cluster::open(&self.path("var"), options).await.unwrap()
    }

    /// The id of Postgres' first process, from its own file.
    pub fn postmaster(&self) -> u32 {
        let file = fs::read_to_string(self.path("var/data/postmaster.pid")).unwrap();
        file.lines().next().unwrap().trim().parse().unwrap()
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        // Servers that were killed leave Postgres running for the next.
        let file = fs::read_to_string(self.path("var/data/postmaster.pid")).unwrap_or_default();
        if let Some(pid) = file.lines().next() {
            let _ = Command::new("kill").args(["-QUIT", pid.trim()]).status();
            let begun = Instant::now();
            while Path::new(&format!("/proc/{}", pid.trim())).exists()
                && begun.elapsed() < Duration::from_secs(5)
            {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        if self.mounted {
            let _ = Command::new("umount").arg(self.dir.path()).status();
        }
    }
}

/// Sends a signal to a process and to those that it started.
pub fn signal_all(signal: &str, pid: u32) {
    let mut pids = vec![pid.to_string()];
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // After the name in brackets: state, parent.
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        if parent == Some(&pid.to_string()) {
            pids.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    // A process may have ended since.
    let _ = Command::new("kill").arg(signal).args(&pids).stderr(Stdio::null()).status();
}

fn program(dir: &Path, words: &[&str]) -> Command {
    let mut command = crate::process::program(dir);
    command.args(words);
    command
}

fn start(mut command: Command) -> Server {
    let said = Arc::default();
    let (child, at) = crate::process::serve(&mut command, &said);
    Server { child, base: format!("http://{at}"), said }
}
