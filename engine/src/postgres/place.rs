//! The directories of a private cluster: their paths, owners and permissions.

use super::ClusterError;
use super::programs::Programs;
use super::user::{self, User};
use crate::private_file::{no_follow, unless};
use sha2::{Digest as _, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};
use std::path::{Path, PathBuf};

/// Port number in the socket's name; Postgres does not listen on the network.
pub(super) const PORT: u16 = 5432;
/// Name of the superuser, who owns all tables, and of the cluster's database.
pub(super) const NAME: &str = "tollwarden";
/// The serving role: it owns nothing and is not a superuser.
pub(super) const SERVING: &str = "tollwarden_app";
/// Prefix of an unfinished cluster's directory. The process id follows, because an `initdb` whose
/// parent was killed may still write to its directory.
pub(super) const UNFINISHED: &str = "data.new-";
/// The longest path of a Unix socket: `sun_path` has 108 bytes, including the terminator.
const SOCKET_PATH: usize = 107;
/// A longer log is renamed at the next start, in bytes.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;
/// How much of the log's end an error message includes, in bytes.
const LOG_TAIL: u64 = 1500;

/// The paths and the user of one cluster.
#[derive(Debug)]
pub(super) struct ClusterPaths {
    /// The operator's data directory, absolute and without symbolic links.
    pub(super) dir: PathBuf,
    /// Postgres' own data directory.
    pub(super) data: PathBuf,
    /// The file for Postgres' stdout and stderr.
    pub(super) log: PathBuf,
    /// The user that Postgres runs as.
    pub(super) user: User,
}

impl ClusterPaths {
    /// Creates the directory and determines the cluster's user.
    pub(super) fn prepare(dir: &Path) -> Result<Self, ClusterError> {
        let dir = make(dir)?;
        let data = dir.join("data");
        let owner = match fs::symlink_metadata(&data) {
            Ok(meta) => Some((meta.uid(), meta.gid())),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(ClusterError::file("look at", &data)(error)),
        };
        // Takes back what an older version gave to `nobody`, if the directory itself belongs to
        // another user.
        let dir_owner = uid_of(&dir)?;
        let theirs = owner.filter(|(uid, _)| !user::is_shared(*uid) || dir_owner == *uid);
        let user = User::choose(theirs)?;
        if let Some((owner, _)) = owner
            && !user.switch
            && owner != user.uid
        {
            let owner = user::name_of(owner);
            return Err(ClusterError::Foreign { path: data, owner, user: user.name });
        }
        Ok(Self { log: dir.join("postgres.log"), dir, data, user })
    }

    /// Whether this process runs as root and the cluster belongs to a user that other programs
    /// share.
    pub(super) fn is_shared(&self) -> Result<bool, ClusterError> {
        Ok(self.user.switch && self.data.exists() && self.is_given_away(uid_of(&self.data)?))
    }

    /// Whether files need another owner: they belong to root, which Postgres cannot use, or to an
    /// older version's user.
    fn is_unowned(&self, uid: u32) -> bool {
        uid == 0 || self.is_given_away(uid)
    }

    /// Whether files belong to a shared user who is not the cluster's user.
    fn is_given_away(&self, uid: u32) -> bool {
        user::is_shared(uid) && uid != self.user.uid
    }

    /// The directory of the socket: `DIR/run`, or a short private path if the socket's path would
    /// be too long or would need quoting in Postgres' list of directories.
    pub(super) fn socket_dir(&self) -> Result<PathBuf, ClusterError> {
        let run = self.dir.join("run");
        let plain = run
            .to_str()
            .is_some_and(|text| !text.contains(|c: char| c.is_control() || "\",".contains(c)));
        if plain && socket(&run).as_os_str().len() <= SOCKET_PATH {
            return Ok(run);
        }
        let digest = Sha256::digest(self.dir.as_os_str().as_bytes());
        let name = format!("tollwarden-{}", domain::keys::hex(&digest[..8]));
        // Unlike /tmp, /run is closed to ordinary users, but only root can write there.
        let run = Path::new("/run");
        let writable = rustix::process::geteuid().is_root()
            && rustix::fs::access(run, rustix::fs::Access::WRITE_OK).is_ok();
        Ok(if writable { run } else { Path::new("/tmp") }.join(name))
    }

    /// As root: gives Postgres' user access to the directory, or reports where access is denied.
    /// Tests the access instead of computing it: access lists and security modules matter too.
    pub(super) async fn open_to_user(&self, programs: &Programs) -> Result<(), ClusterError> {
        if !self.user.switch || programs.can_enter(&self.dir, &self.user).await? {
            return Ok(());
        }
        let meta =
            fs::symlink_metadata(&self.dir).map_err(ClusterError::file("look at", &self.dir))?;
        // All files inside have their own permissions, so letting others pass through our directory
        // reveals nothing. A directory with other content is not changed.
        if meta.uid() == 0 && self.is_ours()? {
            let mode = meta.mode() & 0o7777 | 0o001;
            fs::set_permissions(&self.dir, Permissions::from_mode(mode))
                .map_err(ClusterError::file("open", &self.dir))?;
            if programs.can_enter(&self.dir, &self.user).await? {
                return Ok(());
            }
        }
        let mut blocked = self.dir.clone();
        let mut ancestors: Vec<&Path> = self.dir.ancestors().collect();
        ancestors.reverse();
        for ancestor in ancestors {
            if !programs.can_enter(ancestor, &self.user).await? {
                blocked = ancestor.to_owned();
                break;
            }
        }
        let (user, dir) = (self.user.name.clone(), self.dir.clone());
        Err(ClusterError::Unreachable { user, blocked, dir })
    }

    /// Whether the directory contains only what Tollwarden puts there.
    fn is_ours(&self) -> Result<bool, ClusterError> {
        let entries = fs::read_dir(&self.dir).map_err(ClusterError::file("read", &self.dir))?;
        for entry in entries {
            let entry = entry.map_err(ClusterError::file("read", &self.dir))?;
            let name = entry.file_name();
            let known = [
                "data",
                "run",
                "imports",
                "secret",
                "secret.next",
                "postgres.log",
                "postgres.log.1",
            ]
            .iter()
            .any(|known| name == *known)
                || name.as_bytes().ends_with(b".lock")
                || name.as_bytes().starts_with(UNFINISHED.as_bytes());
            if !known {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes Postgres' user the owner of the data and of the socket's directory, and deletes a
    /// dead server's files in the latter: under the start lock, if no server answers, they are
    /// stale.
    pub(super) fn own(&self, socket_dir: &Path) -> Result<(), ClusterError> {
        if self.user.switch && self.is_unowned(uid_of(&self.data)?) {
            self.chown_all(&self.data)?;
        }
        unless(ErrorKind::AlreadyExists, DirBuilder::new().mode(0o700).create(socket_dir))
            .map_err(ClusterError::file("create", socket_dir))?;
        if self.user.switch && self.is_unowned(uid_of(socket_dir)?) {
            self.user.take(socket_dir)?;
        }
        check_private(socket_dir, self.user.uid)?;
        let socket = socket(socket_dir);
        let mut lock = socket.clone().into_os_string();
        lock.push(".lock");
        for stale in [socket, PathBuf::from(lock)] {
            unless(ErrorKind::NotFound, fs::remove_file(&stale))
                .map_err(ClusterError::file("remove", &stale))?;
        }
        Ok(())
    }

    /// Changes the content first, so that an interrupted run is recognized as unfinished.
    fn chown_all(&self, path: &Path) -> Result<(), ClusterError> {
        let meta = fs::symlink_metadata(path).map_err(ClusterError::file("look at", path))?;
        if meta.is_dir() {
            for entry in fs::read_dir(path).map_err(ClusterError::file("read", path))? {
                let entry = entry.map_err(ClusterError::file("read", path))?;
                self.chown_all(&entry.path())?;
            }
        }
        self.user.take(path)
    }

    /// Opens the log for appending; renames it first if it is too long.
    pub(super) fn open_log(&self) -> Result<File, ClusterError> {
        if log_end(&self.log) > LOG_LIMIT {
            let old = self.dir.join("postgres.log.1");
            fs::rename(&self.log, &old).map_err(ClusterError::file("rename", &self.log))?;
        }
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(no_follow())
            .open(&self.log)
            .map_err(ClusterError::file("open", &self.log))?;
        give_to_owner_of(&self.dir, &file)?;
        Ok(file)
    }
}

/// Creates a data directory that only its owner can enter; for root, others may pass through.
pub(super) fn make(dir: &Path) -> Result<PathBuf, ClusterError> {
    let absolute = std::path::absolute(dir).map_err(ClusterError::file("find", dir))?;
    let root = rustix::process::geteuid().is_root();
    let mut missing: Vec<&Path> =
        absolute.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    missing.reverse();
    for path in missing {
        match DirBuilder::new().mode(0o700).create(path) {
            // Sets the mode regardless of the umask: Postgres' user must pass through.
            Ok(()) if root => fs::set_permissions(path, Permissions::from_mode(0o711))
                .map_err(ClusterError::file("open", path))?,
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ClusterError::file("create", path)(error)),
        }
    }
    let real = fs::canonicalize(&absolute).map_err(ClusterError::file("find", &absolute))?;
    if !real.is_dir() {
        let error = std::io::Error::from(ErrorKind::NotADirectory);
        return Err(ClusterError::file("use", &real)(error));
    }
    Ok(real)
}

/// A file that root creates in a user's directory must stay usable for that user.
pub(super) fn give_to_owner_of(dir: &Path, file: &File) -> Result<(), ClusterError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let meta = fs::metadata(dir).map_err(ClusterError::file("look at", dir))?;
    if meta.uid() == 0 {
        return Ok(());
    }
    fchown(file, Some(meta.uid()), Some(meta.gid()))
        .map_err(ClusterError::file("give away a file in", dir))
}

fn uid_of(path: &Path) -> Result<u32, ClusterError> {
    fs::symlink_metadata(path).map(|meta| meta.uid()).map_err(ClusterError::file("look at", path))
}

/// Refuses a socket directory that other users can access: `trust` authentication relies on it, and
/// in /tmp anybody may have created it first.
pub(super) fn check_private(dir: &Path, uid: u32) -> Result<(), ClusterError> {
    let meta = fs::symlink_metadata(dir).map_err(ClusterError::file("look at", dir))?;
    if meta.is_dir() && meta.uid() == uid && meta.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(ClusterError::NotPrivate { path: dir.to_owned(), uid })
    }
}

/// The path of the socket, as Postgres names it.
pub(super) fn socket(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

/// The URL of the cluster through its socket, for a role.
pub(super) fn url(socket_dir: &Path, role: &str) -> String {
    let mut url = format!("postgres://{role}@localhost:{PORT}/{NAME}?sslmode=disable&host=");
    for byte in socket_dir.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// The position where the next log line will begin.
pub(super) fn log_end(log: &Path) -> u64 {
    fs::metadata(log).map_or(0, |meta| meta.len())
}

/// The end of the log since `from`, on one line.
pub(super) fn tail(log: &Path, from: u64) -> String {
    let from = from.max(log_end(log).saturating_sub(LOG_TAIL));
    let mut bytes = Vec::new();
    // If the log cannot be read, only the message gets shorter.
    let _ = File::open(log).and_then(|mut file| {
        file.seek(SeekFrom::Start(from))?;
        file.read_to_end(&mut bytes)
    });
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join(" | ")
}

#[cfg(test)]
mod tests {
    use super::url;
    use std::path::Path;

    #[test]
    fn the_url_survives_odd_directories() {
        let dir = "/tmp/tÿ w?&=%+#/run";
        let options: sqlx::postgres::PgConnectOptions =
            url(Path::new(dir), super::NAME).parse().unwrap();
        assert_eq!(options.get_socket().unwrap(), Path::new(dir));
        assert_eq!(options.get_database(), Some("tollwarden"));
    }
}
