//! Creating a cluster. It is created next to its place and then moved there, so `DIR/data` is
//! either a complete cluster or absent, whatever was interrupted.

use super::error::ClusterError;
use super::lock::LOOK;
use super::place::{self, ClusterPaths, UNFINISHED};
use super::programs::Programs;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::time::{Duration, Instant};

/// How long an orphaned `initdb` may prevent its directory from being deleted.
const GIVE_UP: Duration = Duration::from_secs(10);

/// Creates `DIR/data`, after [`clear`].
pub(super) async fn make(place: &ClusterPaths, programs: &Programs) -> Result<(), ClusterError> {
    let new = place.dir.join(format!("{UNFINISHED}{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&new).map_err(ClusterError::file("create", &new))?;
    if place.user.switch {
        place.user.take(&new)?;
    }
    tracing::info!(dir = %place.dir.display(), "making a private Postgres cluster");
    let output = programs
        .command("initdb", &place.user)
        .arg("-D")
        .arg(&new)
        // `trust` is enough: Postgres listens only on a socket in a directory that others cannot
        // enter.
        .args(["-U", place::NAME, "-E", "UTF8", "-A", "trust", "--no-instructions"])
        .kill_on_drop(true)
        .output()
        .await
        .map_err(ClusterError::file("run initdb for", &new))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said: Vec<&str> = said.lines().map(str::trim).collect();
        let failed = ClusterError::Initdb { dir: place.dir.clone(), said: said.join(" | ") };
        clear(place).await?;
        return Err(failed);
    }
    fs::rename(&new, &place.data).map_err(ClusterError::file("rename", &new))?;
    // Makes the new name survive a power failure, like the files.
    File::open(&place.dir)
        .and_then(|dir| dir.sync_all())
        .map_err(ClusterError::file("write", &place.dir))
}

/// Deletes what interrupted runs left. The start lock is held, so no run is active; but an `initdb`
/// that lost its parent may still add files, until it notices that its directories are gone.
pub(super) async fn clear(place: &ClusterPaths) -> Result<(), ClusterError> {
    let dir = &place.dir;
    for entry in fs::read_dir(dir).map_err(ClusterError::file("read", dir))? {
        let entry = entry.map_err(ClusterError::file("read", dir))?;
        if !entry.file_name().as_bytes().starts_with(UNFINISHED.as_bytes()) {
            continue;
        }
        let path = entry.path();
        tracing::info!(path = %path.display(), "removing an unfinished cluster");
        let begun = Instant::now();
        while let Err(error) = fs::remove_dir_all(&path) {
            if error.kind() == ErrorKind::NotFound {
                break;
            }
            if begun.elapsed() > GIVE_UP {
                return Err(ClusterError::file("remove", &path)(error));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
    Ok(())
}
