//! Chooses folders for data. Postgres refuses to run as root, so under root it runs as another
//! user, who must be able to reach the folder.

use crate::steps::{Res, root};
use sha2::{Digest, Sha256};
use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The user Postgres runs as.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    /// User id.
    pub(crate) uid: u32,
    /// Group id.
    pub(crate) gid: u32,
}

impl User {
    /// Under root, the user `postgres`, or else `tollwarden`. Any other user runs Postgres
    /// themselves and gets `None`.
    ///
    /// # Errors
    /// Under root, if the system has neither user.
    pub(crate) fn for_postgres() -> Res<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let found = ["postgres", "tollwarden"].iter().find_map(|name| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut numbers = line.split(':').skip(2).map_while(|part| part.parse().ok());
            Some(Self { uid: numbers.next()?, gid: numbers.next()? })
        });
        found.map(Some).ok_or_else(|| {
            "Postgres refuses to run as root, and there is no user postgres or tollwarden".into()
        })
    }

    /// Makes this user the owner of a file or folder.
    ///
    /// # Errors
    /// Errors of the operating system.
    pub(crate) fn own(self, path: &Path) -> Res<()> {
        Ok(chown(path, Some(self.uid), Some(self.gid))?)
    }

    /// Makes a command run as this user.
    pub(crate) fn wear(self, command: &mut Command) -> &mut Command {
        command.uid(self.uid).gid(self.gid)
    }

    /// Whether this user can enter the folder. This tries it, because access lists matter, too.
    fn enters(self, folder: &Path) -> bool {
        self.wear(Command::new("true").current_dir(folder))
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// A folder for a store or a cluster: `wanted` below the repository's top folder. If root runs this
/// in a folder that Postgres' user cannot reach, it is a folder under `/var/lib`, always the same
/// one for this repository.
///
/// # Errors
/// If the folder cannot be created.
pub(crate) fn data(wanted: &str) -> Res<PathBuf> {
    let here = root().join(wanted);
    let parent = here.parent().map_or_else(root, Path::to_path_buf);
    let Some(user) = User::for_postgres()? else {
        fs::create_dir_all(&parent)?;
        return Ok(here);
    };
    if user.enters(&root()) {
        make_passable(&parent)?;
        return Ok(here);
    }
    let digest = Sha256::digest(root().as_os_str().as_bytes());
    let name: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let there = PathBuf::from(format!("/var/lib/tollwarden-{name}")).join(wanted);
    make_passable(there.parent().unwrap_or(&there))?;
    eprintln!("Postgres' user cannot enter {}: data is in {}", root().display(), there.display());
    Ok(there)
}

/// Creates the missing folders so that other users may enter them, regardless of the umask.
fn make_passable(folder: &Path) -> Res<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_passable(parent)?;
    }
    fs::create_dir(folder)?;
    Ok(fs::set_permissions(folder, Permissions::from_mode(0o755))?)
}
