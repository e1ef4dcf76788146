//! The three lock files. `flock` locks end with their process, so no lock is ever left behind. The
//! files are opened close-on-exec, so Postgres never inherits one.

use super::ClusterError;
use super::place;
use crate::private_file::no_follow;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Interval of checks while a server is starting or stopping.
pub(super) const LOOK: Duration = Duration::from_millis(25);

fn open(path: &Path) -> Result<File, ClusterError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        // Anyone who can open a lock file can hold the lock.
        .mode(0o600)
        .custom_flags(no_follow())
        .open(path)
        .map_err(ClusterError::file("open", path))?;
    if let Some(dir) = path.parent() {
        place::give_to_owner_of(dir, &file)?;
    }
    Ok(file)
}

/// `true` if the lock was acquired, `false` if another process holds it.
fn got(result: Result<(), TryLockError>, path: &Path) -> Result<bool, ClusterError> {
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(ClusterError::file("lock", path)(error)),
    }
}

/// Acquires the right to start and stop Postgres, waiting if necessary.
pub(super) async fn start(dir: &Path, wait: Duration) -> Result<File, ClusterError> {
    let begun = Instant::now();
    loop {
        if let Some(file) = try_start(dir)? {
            return Ok(file);
        }
        if begun.elapsed() > wait {
            return Err(ClusterError::Busy {
                path: dir.join("start.lock"),
                seconds: begun.elapsed().as_secs(),
            });
        }
        // Polls instead of blocking: a blocking `flock` would hold a thread beyond any deadline.
        tokio::time::sleep(LOOK).await;
    }
}

/// Acquires the right to start and stop Postgres, if no other process has it.
pub(super) fn try_start(dir: &Path) -> Result<Option<File>, ClusterError> {
    let path = dir.join("start.lock");
    let file = open(&path)?;
    Ok(got(file.try_lock(), &path)?.then_some(file))
}

/// Acquires a shared lock on the cluster. Under the start lock no process holds it exclusively.
pub(super) fn shared(dir: &Path) -> Result<File, ClusterError> {
    let path = dir.join("cluster.lock");
    let file = open(&path)?;
    if got(file.try_lock_shared(), &path)? {
        Ok(file)
    } else {
        Err(ClusterError::Busy { path, seconds: 0 })
    }
}

/// Turns a shared lock into an exclusive one, if it is the last. Either way the shared lock is
/// gone.
pub(super) fn upgrade(shared: &File, dir: &Path) -> Result<bool, ClusterError> {
    let path = dir.join("cluster.lock");
    shared.unlock().map_err(ClusterError::file("unlock", &path))?;
    got(shared.try_lock(), &path)
}

/// The right to be the only `serve` on a data directory, held until dropped.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
    path: PathBuf,
}

impl ServeLock {
    /// Acquires `DIR/serve.lock`, creating `dir` if necessary.
    ///
    /// # Errors
    /// [`ClusterError::Serving`] with the directory, if another `serve` holds it;
    /// [`ClusterError::File`] if the file cannot be used.
    pub fn take(dir: &Path) -> Result<Self, ClusterError> {
        let dir = place::make(dir)?;
        let path = dir.join("serve.lock");
        let mut file = open(&path)?;
        if !got(file.try_lock(), &path)? {
            let mut pid = String::new();
            // Only for the message: a lock without a readable pid works too.
            let _ = file.read_to_string(&mut pid);
            let pid = Some(pid.trim().to_owned()).filter(|pid| !pid.is_empty());
            return Err(ClusterError::Serving { dir, lock: path, pid });
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(ClusterError::file("write", &path))?;
        Ok(Self { _file: file, path })
    }

    /// Path of the lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
