//! What can go wrong with the private cluster, in words that say what to do.

use std::path::{Path, PathBuf};

/// The oldest major version that is known to do: the store's statements use nothing newer.
pub(super) const OLDEST: u32 = 14;

/// Why the private cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A file or directory could not be used.
    #[error("cannot {doing} {}: {source}", path.display())]
    File {
        /// What was tried (`create`, `lock`).
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
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
        /// The version that the data directory demands.
        major: Option<u32>,
        /// Every place looked at, and what was wrong there.
        looked: Vec<String>,
    },
    /// Root may not run Postgres, and there is nobody else to run it.
    #[error(
        "Postgres does not run as root, and neither a user `postgres` nor `tollwarden` exists; \
         make one of its own with `useradd --system --no-create-home --shell /usr/sbin/nologin \
         tollwarden`, run Tollwarden as an ordinary user, or set DATABASE_URL"
    )]
    NoUser,
    /// An older version's Postgres still runs as a user that others share.
    #[error(
        "the Postgres of {} runs as `nobody`, which other programs share; stop it with \
         `kill -INT {pid}` and start again: its files then get an owner of their own",
        dir.display()
    )]
    Shared {
        /// The data directory.
        dir: PathBuf,
        /// Its process.
        pid: i32,
    },
    /// Postgres' user cannot reach the data directory.
    #[error(
        "Postgres does not run as root, and user {user} cannot enter {}, so it cannot reach {}; \
         use a directory that it can, for example --data-dir /var/lib/tollwarden",
        blocked.display(), dir.display()
    )]
    Unreachable {
        /// Whom Postgres would run as.
        user: String,
        /// The first directory on the way that refuses.
        blocked: PathBuf,
        /// The data directory.
        dir: PathBuf,
    },
    /// The cluster belongs to somebody else.
    #[error(
        "{} belongs to user {owner}, and this process runs as user {user}; run as {owner} or as \
         root, or use another --data-dir",
        path.display()
    )]
    Foreign {
        /// What belongs to them.
        path: PathBuf,
        /// Whose it is.
        owner: String,
        /// Who we are.
        user: String,
    },
    /// The socket's directory is not private: somebody may have planted it.
    #[error(
        "{} must be a directory that belongs to user id {uid} and is closed to all others; \
         remove it and start again",
        path.display()
    )]
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// Whose it should be.
        uid: u32,
    },
    /// Something else is where the cluster would be.
    #[error(
        "{} holds something that is not a Postgres cluster (it has no PG_VERSION); \
         use another --data-dir",
        path.display()
    )]
    NoCluster {
        /// The directory.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("initdb failed on {}: {said}", dir.display())]
    Initdb {
        /// The data directory.
        dir: PathBuf,
        /// What it wrote.
        said: String,
    },
    /// Postgres ended instead of answering.
    #[error("Postgres did not start; {} says: {said}", log.display())]
    Start {
        /// Its log.
        log: PathBuf,
        /// What it wrote last.
        said: String,
    },
    /// Postgres neither answers nor ends.
    #[error("Postgres in {} has not answered for {seconds} s{}", dir.display(), after(said))]
    Slow {
        /// The data directory.
        dir: PathBuf,
        /// For how long.
        seconds: u64,
        /// What it wrote last.
        said: String,
    },
    /// Another process starts or stops the cluster and does not finish.
    #[error(
        "another process has been starting or stopping Postgres for {seconds} s: it holds {}",
        path.display()
    )]
    Busy {
        /// The lock.
        path: PathBuf,
        /// For how long we waited.
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
        /// The data directory.
        dir: PathBuf,
        /// The lock.
        lock: PathBuf,
        /// The process that holds it, as it wrote itself.
        pid: Option<String>,
    },
    /// Postgres answers, but not as it should.
    #[error("Postgres in its private place answered: {0}")]
    Sql(#[from] sqlx::Error),
    /// Postgres could not be told to stop.
    #[error("Postgres (process {pid}) could not be told to stop: {source}")]
    Stop {
        /// Its process.
        pid: i32,
        /// What the system said.
        source: std::io::Error,
    },
}

impl ClusterError {
    /// For `map_err`: what was being done to which path.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

fn after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("; its log says: {said}") }
}
