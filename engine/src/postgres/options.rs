//! How a cluster is found and handled.

use std::path::PathBuf;
use std::time::Duration;

/// How a cluster is found and handled.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory that holds `initdb` and `postgres`; looked for when `None`.
    pub pg_bin: Option<PathBuf>,
    /// How long Postgres may take until it opens its socket (crash recovery comes on top).
    pub start_within: Duration,
    /// How long the last to leave waits for Postgres to end. A server that takes longer ends by
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
