//! The three lock files. `flock` locks die with their process, so nothing is ever left locked;
//! the files are opened close-on-exec, so Postgres never inherits one.

use super::ClusterError;
use super::place;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long between two looks at a server that is starting or stopping.
pub(super) const LOOK: Duration = Duration::from_millis(25);

fn open(path: &Path) -> Result<File, ClusterError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        // Whoever can open a lock can hold it.
        .mode(0o600)
        .custom_flags(place::no_follow())
        .open(path)
        .map_err(ClusterError::file("open", path))?;
    if let Some(dir) = path.parent() {
        place::give_to_owner_of(dir, &file)?;
    }
    Ok(file)
}

/// `true` when the lock was got, `false` when somebody else has it.
fn got(result: Result<(), TryLockError>, path: &Path) -> Result<bool, ClusterError> {
    match result {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(ClusterError::file("lock", path)(error)),
    }
}

/// The right to start and stop Postgres, waited for.
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
        // Polled, not blocked on: a blocking `flock` would hold a thread beyond any deadline.
        tokio::time::sleep(LOOK).await;
    }
}

/// The right to start and stop Postgres, if nobody else has it.
pub(super) fn try_start(dir: &Path) -> Result<Option<File>, ClusterError> {
    let path = dir.join("start.lock");
    let file = open(&path)?;
    Ok(got(file.try_lock(), &path)?.then_some(file))
}

/// A share in the cluster. Under the start lock nobody holds it exclusively.
pub(super) fn shared(dir: &Path) -> Result<File, ClusterError> {
    let path = dir.join("cluster.lock");
    let file = open(&path)?;
    if got(file.try_lock_shared(), &path)? {
        Ok(file)
    } else {
        Err(ClusterError::Busy { path, seconds: 0 })
    }
}

/// Turns a share into the whole, if it is the last one; either way the share is gone.
pub(super) fn upgrade(shared: &File, dir: &Path) -> Result<bool, ClusterError> {
    let path = dir.join("cluster.lock");
    shared.unlock().map_err(ClusterError::file("unlock", &path))?;
    got(shared.try_lock(), &path)
}

/// The right to be the one `serve` on a data directory, held until dropped.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
    path: PathBuf,
}

impl ServeLock {
    /// Takes `DIR/serve.lock`, making `dir` if need be.
    ///
    /// # Errors
    /// [`ClusterError::Serving`] names the directory when another `serve` holds it.
    pub fn take(dir: &Path) -> Result<Self, ClusterError> {
        let dir = place::make(dir)?;
        let path = dir.join("serve.lock");
        let mut file = open(&path)?;
        if !got(file.try_lock(), &path)? {
            let mut pid = String::new();
            // Only for the message: a lock without a readable pid is as good.
            let _ = file.read_to_string(&mut pid);
            let pid = Some(pid.trim().to_owned()).filter(|pid| !pid.is_empty());
            return Err(ClusterError::Serving { dir, lock: path, pid });
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(ClusterError::file("write", &path))?;
        Ok(Self { _file: file, path })
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
