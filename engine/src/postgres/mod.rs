//! The private Postgres cluster under a data directory (contract, section 2).
//!
//! Any number of processes share one cluster. Each holds a shared lock on `DIR/cluster.lock` as
//! long as it uses Postgres. Starting and stopping happen under `DIR/start.lock`, so that no
//! process joins a server that is being stopped. The first process starts Postgres, the last to
//! leave stops it, and a killed process leaves it running for the next one.
//!
//! ```text
//! DIR/cluster.lock  shared, by everyone          DIR/data/      the cluster (0700)
//! DIR/start.lock    while starting or stopping   DIR/run/       the socket (0700)
//! DIR/serve.lock    exclusive, by `serve`        DIR/postgres.log
//! ```

mod error;
mod initdb;
mod lock;
mod options;
mod place;
mod postmaster;
mod programs;
mod user;

pub use error::ClusterError;
pub use lock::ServeLock;
pub use options::Options;

use lock::LOOK;
use place::ClusterPaths;
use postmaster::{PidFile, Probe};
use programs::Programs;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Child;

/// How long crash recovery may take. It replays at most twice `max_wal_size`, which takes slow
/// disks minutes. The data is safe meanwhile, so the limit is generous.
const RECOVERY: Duration = Duration::from_secs(900);

/// Result of [`Cluster::watch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Postgres runs.
    Running,
    /// Postgres had died and was restarted.
    Restarted,
    /// Postgres had died and another process is starting it.
    Elsewhere,
}

/// State of Postgres after this process left the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftState {
    /// Other processes still use it, so it keeps running.
    Running,
    /// This process was the last: Postgres has stopped.
    Stopped,
    /// This process was the last: Postgres is stopping and takes longer than `stop_within`.
    Stopping,
}

/// A running private cluster, held by a shared lock. Call [`Cluster::leave`] on every exit: a
/// cluster that is only dropped keeps Postgres running for the next process.
#[derive(Debug)]
pub struct Cluster {
    place: ClusterPaths,
    options: Options,
    socket_dir: PathBuf,
    url: String,
    serving_url: String,
    /// Postgres, if this process started it: it must be waited for, or its zombie would look like a
    /// live server.
    child: Option<Child>,
    shared: File,
}

impl Cluster {
    /// Joins the cluster under `dir`, creates and starts it if necessary, and waits until it
    /// answers and has its database.
    ///
    /// # Errors
    /// [`ClusterError`] with what is missing: Postgres' programs, a directory that Postgres' user
    /// can reach, access to `dir`; or with Postgres' own output if it did not start.
    pub async fn open(dir: &Path, options: Options) -> Result<Self, ClusterError> {
        let place = ClusterPaths::prepare(dir)?;
        let start = lock::start(&place.dir, options.start_within).await?;
        let shared = lock::shared(&place.dir)?;
        let socket_dir = place.socket_dir()?;
        let mut cluster = Self {
            url: place::url(&socket_dir, place::NAME),
            serving_url: place::url(&socket_dir, place::SERVING),
            socket_dir,
            place,
            options,
            child: None,
            shared,
        };
        match cluster.bring_up().await {
            Ok(()) => Ok(cluster),
            Err(error) => {
                // A half-started server must not keep running after the error.
                if let Err(second) = cluster.stop_if_last(start).await {
                    tracing::warn!(error = %second, "Postgres could not be stopped");
                }
                Err(error)
            }
        }
    }

    /// The `postgres://` URL of the cluster, with the socket's directory in `host`, for the role
    /// that owns all tables: for migrations and backups. It does not change while the cluster is
    /// held.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL for the serving role, which is neither superuser nor owner. Its privileges are
    /// granted after the migrations (`store::roles`).
    pub fn serving_url(&self) -> &str {
        &self.serving_url
    }

    /// The data directory, as an absolute path.
    pub fn dir(&self) -> &Path {
        &self.place.dir
    }

    /// Checks once: if Postgres has died, starts it again, retrying until the dead server's
    /// backends have released its memory. Cheap if Postgres runs; call it a few times a second.
    ///
    /// # Errors
    /// [`ClusterError`], as for [`Cluster::open`]; the next call tries again.
    pub async fn watch(&mut self) -> Result<Watched, ClusterError> {
        if self.runs() {
            return Ok(Watched::Running);
        }
        let Some(_start) = lock::try_start(&self.place.dir)? else {
            return Ok(Watched::Elsewhere);
        };
        if self.runs() {
            return Ok(Watched::Running);
        }
        tracing::warn!("Postgres has died; starting it again");
        self.ensure_running().await?;
        Ok(Watched::Restarted)
    }

    /// Leaves the cluster; the last process to leave stops Postgres (fast shutdown: open
    /// transactions are rolled back, everything acknowledged is on disk).
    ///
    /// # Errors
    /// If Postgres could not be stopped. The lock is released anyway.
    pub async fn leave(self) -> Result<LeftState, ClusterError> {
        let wait = self.options.stop_within;
        match lock::start(&self.place.dir, wait).await {
            Ok(start) => self.stop_if_last(start).await,
            // A process that holds the start lock that long is joining, so this one is not the
            // last.
            Err(ClusterError::Busy { .. }) => Ok(LeftState::Running),
            Err(error) => Err(error),
        }
    }

    async fn stop_if_last(mut self, _start: File) -> Result<LeftState, ClusterError> {
        // Not atomic, but it need not be: no process joins while the start lock is held.
        if !lock::upgrade(&self.shared, &self.place.dir)? {
            return Ok(LeftState::Running);
        }
        let deadline = Instant::now() + self.options.stop_within;
        while let Some(pid) = self.server() {
            postmaster::stop(pid)?;
            // Waits for the process: it deletes its postmaster.pid before it exits.
            while postmaster::is_ours(pid, &self.place.data) {
                if Instant::now() >= deadline {
                    return Ok(LeftState::Stopping);
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(LeftState::Stopped)
    }

    /// The process id of this data directory's live postmaster, if there is one.
    fn server(&mut self) -> Option<i32> {
        if let Some(child) = &mut self.child {
            match child.try_wait() {
                // Our child first: the file may still have its predecessor's number.
                Ok(None) => return child.id().and_then(|pid| i32::try_from(pid).ok()),
                Ok(Some(_)) | Err(_) => self.child = None,
            }
        }
        PidFile::read(&self.place.data)
            .map(|file| file.pid)
            .filter(|pid| postmaster::is_ours(*pid, &self.place.data))
    }

    fn runs(&mut self) -> bool {
        self.server().is_some()
    }

    async fn bring_up(&mut self) -> Result<(), ClusterError> {
        // A running server knows best where its socket is: the process that started it may have had
        // another environment.
        let (shared, pid) = (self.place.is_shared()?, self.server());
        if let (true, Some(pid)) = (shared, pid) {
            return Err(ClusterError::Shared { dir: self.place.dir.clone(), pid });
        }
        if pid.is_some()
            && let Some(dir) = PidFile::read(&self.place.data).and_then(|file| file.socket_dir)
        {
            place::check_private(&dir, self.place.user.uid)?;
            self.url = place::url(&dir, place::NAME);
            self.serving_url = place::url(&dir, place::SERVING);
            self.socket_dir = dir;
        }
        self.ensure_running().await?;
        postmaster::ensure_database(&self.socket_dir).await?;
        postmaster::ensure_serving_role(&self.socket_dir).await
    }

    /// Waits until Postgres answers, starting it if it does not run. Called under the start lock.
    async fn ensure_running(&mut self) -> Result<(), ClusterError> {
        let begun = Instant::now();
        let mut log_from = 0;
        let mut started = false;
        let mut programs: Option<Programs> = None;
        loop {
            let waited = begun.elapsed();
            match postmaster::probe(&self.socket_dir).await? {
                Probe::Answers => return Ok(()),
                Probe::Busy if waited < RECOVERY => {}
                Probe::Busy => return Err(self.too_long(waited, log_from)),
                Probe::Down if waited > self.options.start_within => {
                    return Err(self.too_long(waited, log_from));
                }
                Probe::Down if self.runs() => {}
                Probe::Down => {
                    if started {
                        let said = place::tail(&self.place.log, log_from);
                        if !postmaster::may_pass(&said) {
                            return Err(ClusterError::Start { log: self.place.log.clone(), said });
                        }
                        // Backends of a killed server exit the next time they check its pipe.
                        tokio::time::sleep(LOOK * 8).await;
                    }
                    let programs = match &mut programs {
                        Some(programs) => programs,
                        none => {
                            let found =
                                Programs::find(&self.options, &self.place.data, &self.place.user)
                                    .await?;
                            self.place.open_to_user(&found).await?;
                            none.insert(found)
                        }
                    };
                    initdb::clear(&self.place).await?;
                    if !self.place.data.join("PG_VERSION").exists() {
                        initdb::make(&self.place, programs).await?;
                    }
                    self.place.own(&self.socket_dir)?;
                    log_from = place::log_end(&self.place.log);
                    self.child = Some(postmaster::start(&self.place, programs, &self.socket_dir)?);
                    started = true;
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn too_long(&self, waited: Duration, log_from: u64) -> ClusterError {
        ClusterError::Slow {
            dir: self.place.dir.clone(),
            seconds: waited.as_secs(),
            said: place::tail(&self.place.log, log_from),
        }
    }
}
