//! Errors of the private cluster, in words that say what to do.

use std::path::{Path, PathBuf};

/// The oldest major version that works: the store's statements use nothing newer.
pub(super) const OLDEST: u32 = 14;

/// Why the private cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A file or directory could not be used.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// The operation (`create`, `lock`).
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// No usable `postgres` and `initdb`.
    #[error(
        "Postgres' programs (initdb, postgres){} were not found; looked for:\n  {}\n\
         Install PostgreSQL {} (Debian: apt-get install postgresql), name its programs' \
         directory in TOLLWARDEN_PG_BIN, or use a server of your own with DATABASE_URL.",
        major.map(|major| format!(" of version {major}, which made this data directory,"))
            .unwrap_or_default(),
        looked.join("\n  "),
        major.map_or_else(|| format!("{OLDEST} or newer"), |major| major.to_string()),
    )]
    NoPrograms {
        /// The version that the data directory requires.
        major: Option<u32>,
        /// Every place searched, and what was wrong there.
        looked: Vec<String>,
    },
    /// Root may not run Postgres, and no other user is available.
    #[error(
        "Postgres does not run as root, and neither a user `postgres` nor `tollwarden` exists; \
         make one of its own with `useradd --system --no-create-home --shell /usr/sbin/nologin \
         tollwarden`, run Tollwarden as an ordinary user, or set DATABASE_URL"
    )]
    NoUser,
    /// A Postgres of an older version still runs as a user that other programs share.
    #[error(
        "the Postgres of {} runs as `nobody`, which other programs share; stop it with \
         `kill -INT {pid}` and start again: its files then get an owner of their own",
        dir.display()
    )]
    Shared {
        /// The cluster's data directory.
        dir: PathBuf,
        /// The process id of Postgres.
        pid: i32,
    },
    /// Postgres' user cannot reach the data directory.
    #[error(
        "Postgres does not run as root, and user {user} cannot enter {}, so it cannot reach {}; \
         use a directory that it can, for example --data-dir /var/lib/tollwarden",
        blocked.display(), dir.display()
    )]
    Unreachable {
        /// The user that Postgres would run as.
        user: String,
        /// The first directory on the path that denies access.
        blocked: PathBuf,
        /// The cluster's data directory.
        dir: PathBuf,
    },
    /// The cluster belongs to another user.
    #[error(
        "{} belongs to user {owner}, and this process runs as user {user}; run as {owner} or as \
         root, or use another --data-dir",
        path.display()
    )]
    Foreign {
        /// The path that belongs to them.
        path: PathBuf,
        /// Its owner.
        owner: String,
        /// The user of this process.
        user: String,
    },
    /// The socket's directory is not private: another user may have created it.
    #[error(
        "{} must be a directory that belongs to user id {uid} and is closed to all others; \
         remove it and start again",
        path.display()
    )]
    NotPrivate {
        /// The socket's directory.
        path: PathBuf,
        /// The user id that should own it.
        uid: u32,
    },
    /// The cluster's directory contains something else.
    #[error(
        "{} holds something that is not a Postgres cluster (it has no PG_VERSION); \
         use another --data-dir",
        path.display()
    )]
    NoCluster {
        /// The data directory of the operator.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb failed on {}: {said}", dir.display())]
    Initdb {
        /// The directory of the new cluster.
        dir: PathBuf,
        /// Its output.
        said: String,
    },
    /// Postgres exited instead of answering.
    #[error("Postgres did not start; {} says: {said}", log.display())]
    Start {
        /// Its log file.
        log: PathBuf,
        /// Its last output.
        said: String,
    },
    /// Postgres neither answers nor exits.
    #[error("Postgres in {} has not answered for {seconds} s{}", dir.display(), after(said))]
    Slow {
        /// The cluster's data directory.
        dir: PathBuf,
        /// How long this process waited.
        seconds: u64,
        /// Its last output.
        said: String,
    },
    /// Another process is starting or stopping the cluster and does not finish.
    #[error(
        "another process has been starting or stopping Postgres for {seconds} s: it holds {}",
        path.display()
    )]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long this process waited.
        seconds: u64,
    },
    /// `serve` already runs on this directory.
    #[error(
        "another `tollwarden serve`{} already runs on {}: it holds {}; stop it first, or give \
         this one another --data-dir",
        pid.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default(),
        dir.display(), lock.display()
    )]
    Serving {
        /// The data directory in use.
        dir: PathBuf,
        /// The lock file.
        lock: PathBuf,
        /// Process id of the lock's holder, as written in the file.
        pid: Option<String>,
    },
    /// Postgres answers with an error.
    #[error("Postgres in its private place answered: {0}")]
    Sql(#[from] sqlx::Error),
    /// Postgres could not be stopped.
    #[error("Postgres (process {pid}) could not be told to stop: {source}")]
    Stop {
        /// The process id of Postgres.
        pid: i32,
        /// The system's error.
        source: std::io::Error,
    },
}

impl ClusterError {
    /// For `map_err`: adds the operation and its path to an error.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

fn after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; its log says: {said}") }
}
