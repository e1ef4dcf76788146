//! Another process on a cluster, possibly of another user: this test binary again, running only its
//! `helper`.

use crate::{DIR, NOBODY, root, temp};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A running `helper`.
pub(crate) struct Process {
    pub(crate) child: Child,
    stdin: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    _binary: Option<TempDir>,
}

impl Process {
    /// Starts one; `unprivileged` drops root privileges (no effect for an ordinary user).
    pub(crate) fn start(dir: &Path, unprivileged: bool) -> Self {
        let exe = std::env::current_exe().unwrap();
        let mut binary = None;
        let mut command = if unprivileged && root() {
            // Other users may not be able to read the checkout.
            let copy = temp(0o755);
            let path = copy.path().join("helper");
            fs::copy(exe, &path).unwrap();
            binary = Some(copy);
            let mut command = Command::new("setpriv");
            command
                .arg(format!("--reuid={NOBODY}"))
                .arg(format!("--regid={NOBODY}"))
                .arg("--clear-groups")
                .arg(path)
                .current_dir("/");
            command
        } else {
            Command::new(exe)
        };
        let mut child = command
            .args(["--exact", "helper", "--nocapture"])
            .env(DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            stdin: child.stdin.take(),
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            _binary: binary,
        }
    }

    /// The rest of the next output line that begins with `word`.
    pub(crate) async fn says(&mut self, word: &str) -> String {
        let reading = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if let Some(rest) = line.strip_prefix(word) {
                    return rest.trim().to_owned();
                }
                assert!(!line.starts_with("REFUSED"), "{line}");
                assert!(!line.starts_with("FAILED"), "{line}");
            }
            panic!("the helper ended without saying {word}");
        };
        tokio::time::timeout(Duration::from_secs(60), reading).await.unwrap()
    }

    pub(crate) async fn leave(mut self) -> String {
        let mut stdin = self.stdin.take().unwrap();
        stdin.write_all(b"leave\n").await.unwrap();
        let left = self.says("LEFT").await;
        self.child.wait().await.unwrap();
        left
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}
