//! Making a cluster. It is made beside its place and moved there whole, so `DIR/data` is either
//! a finished cluster or absent, whatever was interrupted.

use super::error::ClusterError;
use super::lock::LOOK;
use super::place::{self, Place, UNFINISHED};
use super::programs::Programs;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, lchown};
use std::time::{Duration, Instant};

/// How long an orphaned `initdb` may keep its directory from being removed.
const GIVE_UP: Duration = Duration::from_secs(10);

/// Makes `DIR/data`, after [`clear`].
pub(super) async fn make(place: &Place, programs: &Programs) -> Result<(), ClusterError> {
    let new = place.dir.join(format!("{UNFINISHED}{}", std::process::id()));
    DirBuilder::new().mode(0o700).create(&new).map_err(ClusterError::file("create", &new))?;
    if place.user.switch {
        lchown(&new, Some(place.user.uid), Some(place.user.gid))
            .map_err(ClusterError::file("give away", &new))?;
    }
    tracing::info!(dir = %place.dir.display(), "making a private Postgres cluster");
    let output = programs
        .command("initdb", &place.user)
        .arg("-D")
        .arg(&new)
        // `trust` is enough: only a socket in a directory closed to all others is listened on.
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
    // The new name must survive a power cut as the files do.
    File::open(&place.dir)
        .and_then(|dir| dir.sync_all())
        .map_err(ClusterError::file("write", &place.dir))
}

/// Removes what interrupted runs left. Done under the start lock, so no run is under way; but
/// an `initdb` that lost its parent may still be adding files, until it misses its directories.
pub(super) async fn clear(place: &Place) -> Result<(), ClusterError> {
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
