//! Options of the private cluster.

use std::path::PathBuf;
use std::time::Duration;

/// Where to find Postgres' programs, and how long to wait.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory with `initdb` and `postgres`; searched for if `None`.
    pub pg_bin: Option<PathBuf>,
    /// How long Postgres may take to open its socket, not counting crash recovery.
    pub start_within: Duration,
    /// How long the last process to leave waits for Postgres to stop. A slower server stops by
    /// itself; the next process waits for that.
    pub stop_within: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            pg_bin: None,
            start_within: Duration::from_secs(60),
            stop_within: Duration::from_secs(30),
        }
    }
}
