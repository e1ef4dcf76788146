//! The directories of a private cluster: where they are, whose they are, who may look inside.

use super::ClusterError;
use super::programs::Programs;
use super::user::{self, User};
use sha2::{Digest as _, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown, lchown,
};
use std::path::{Path, PathBuf};

/// The port in the socket's name; nothing listens on the network.
pub(super) const PORT: u16 = 5432;
/// Postgres' superuser, who owns all tables, and the database of the cluster.
pub(super) const NAME: &str = "tollwarden";
/// The role that serves: it owns nothing and is no superuser.
pub(super) const SERVING: &str = "tollwarden_app";
/// How an unfinished cluster's directory begins; the process id follows, because an `initdb`
/// whose parent was killed may still be writing into its own.
pub(super) const UNFINISHED: &str = "data.new-";
/// The longest path of a Unix socket: `sun_path` has 108 bytes, one of them the end.
const SOCKET_PATH: usize = 107;
/// A log longer than this is set aside at the next start, in bytes.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;
/// How much of the log's end goes into an error message, in bytes.
const LOG_TAIL: u64 = 1500;

/// Where one cluster lives.
#[derive(Debug)]
pub(super) struct Place {
    /// The data directory as the operator named it, absolute and without symbolic links.
    pub(super) dir: PathBuf,
    /// Postgres' own data.
    pub(super) data: PathBuf,
    /// What Postgres writes to stdout and stderr.
    pub(super) log: PathBuf,
    /// Whom Postgres runs as.
    pub(super) user: User,
}

impl Place {
    /// Makes the directory and finds out whose cluster it is.
    pub(super) fn prepare(dir: &Path) -> Result<Self, ClusterError> {
        let dir = make(dir)?;
        let data = dir.join("data");
        let owner = match fs::symlink_metadata(&data) {
            Ok(meta) => Some((meta.uid(), meta.gid())),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(ClusterError::file("look at", &data)(error)),
        };
        // What an older version gave to `nobody`, in a directory that is not that user's, is taken
        // back.
        let dir_owner = uid_of(&dir)?;
        let theirs = owner.filter(|(uid, _)| !user::is_shared(*uid) || dir_owner == *uid);
        let user = User::choose(theirs)?;
        if let Some((owner, _)) = owner
            && !user.switch
            && owner != user.uid
        {
            return Err(ClusterError::Foreign {
                path: data,
                owner: user::name_of(owner),
                user: user.name,
            });
        }
        Ok(Self { log: dir.join("postgres.log"), dir, data, user })
    }

    /// Whether root finds a cluster that belongs to a user whom others share.
    pub(super) fn is_shared(&self) -> Result<bool, ClusterError> {
        Ok(self.user.switch && self.data.exists() && self.is_given_away(uid_of(&self.data)?))
    }

    /// Whether files must get an owner: root's, which Postgres cannot use, or an older version's.
    fn is_unowned(&self, uid: u32) -> bool {
        uid == 0 || self.is_given_away(uid)
    }

    /// Whether files belong to a user whom others share, and who is not this cluster's.
    fn is_given_away(&self, uid: u32) -> bool {
        user::is_shared(uid) && uid != self.user.uid
    }

    /// Where the socket goes: `DIR/run`, or a short private path when the socket's name there
    /// would be too long, or would need quoting in Postgres' list of directories.
    pub(super) fn socket_dir(&self) -> Result<PathBuf, ClusterError> {
        let run = self.dir.join("run");
        let plain = run
            .to_str()
            .is_some_and(|text| !text.contains(|c: char| c.is_control() || "\",".contains(c)));
        if plain && socket(&run).as_os_str().len() <= SOCKET_PATH {
            return Ok(run);
        }
        let digest = Sha256::digest(self.dir.as_os_str().as_bytes());
        let name = digest[..8].iter().fold(String::from("tollwarden-"), |mut name, byte| {
            name.push_str(&format!("{byte:02x}"));
            name
        });
        // Of the two only /run is closed to ordinary users, but only root may write there.
        let base = Path::new("/run");
        let base = if rustix::process::geteuid().is_root()
            && rustix::fs::access(base, rustix::fs::Access::WRITE_OK).is_ok()
        {
            base
        } else {
            Path::new("/tmp")
        };
        Ok(base.join(name))
    }

    /// As root: lets Postgres' user through to the directory, or says where the way is barred.
    /// Tried, not computed: access lists and security modules have a say too.
    pub(super) async fn open_to_user(&self, programs: &Programs) -> Result<(), ClusterError> {
        if !self.user.switch || programs.can_enter(&self.dir, &self.user).await? {
            return Ok(());
        }
        let meta =
            fs::symlink_metadata(&self.dir).map_err(ClusterError::file("look at", &self.dir))?;
        // Everything inside is closed by itself, so letting others pass through our own
        // directory gives nothing away. A directory with other things in it stays as it is.
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
        Err(ClusterError::Unreachable {
            user: self.user.name.clone(),
            blocked,
            dir: self.dir.clone(),
        })
    }

    /// Whether the directory holds nothing but what Tollwarden puts there.
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

    /// Gives Postgres' user the data and the socket's directory, and takes what a dead server
    /// left in the latter: under the start lock, with nobody answering, it is stale.
    pub(super) fn own(&self, socket_dir: &Path) -> Result<(), ClusterError> {
        if self.user.switch && self.is_unowned(uid_of(&self.data)?) {
            self.chown_all(&self.data)?;
        }
        match DirBuilder::new().mode(0o700).create(socket_dir) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(ClusterError::file("create", socket_dir)(error)),
        }
        if self.user.switch && self.is_unowned(uid_of(socket_dir)?) {
            lchown(socket_dir, Some(self.user.uid), Some(self.user.gid))
                .map_err(ClusterError::file("give away", socket_dir))?;
        }
        check_private(socket_dir, self.user.uid)?;
        let socket = socket(socket_dir);
        let mut lock = socket.clone().into_os_string();
        lock.push(".lock");
        for stale in [socket, PathBuf::from(lock)] {
            match fs::remove_file(&stale) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(ClusterError::file("remove", &stale)(error)),
            }
        }
        Ok(())
    }

    /// The inside first, so that an interrupted run is seen as unfinished.
    fn chown_all(&self, path: &Path) -> Result<(), ClusterError> {
        let meta = fs::symlink_metadata(path).map_err(ClusterError::file("look at", path))?;
        if meta.is_dir() {
            for entry in fs::read_dir(path).map_err(ClusterError::file("read", path))? {
                let entry = entry.map_err(ClusterError::file("read", path))?;
                self.chown_all(&entry.path())?;
            }
        }
        lchown(path, Some(self.user.uid), Some(self.user.gid))
            .map_err(ClusterError::file("give away", path))
    }

    /// The log, for appending; an overlong one is set aside first.
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

/// Makes a data directory, closed to all but its owner and, for root, those who pass through.
pub(super) fn make(dir: &Path) -> Result<PathBuf, ClusterError> {
    let absolute = std::path::absolute(dir).map_err(ClusterError::file("find", dir))?;
    let root = rustix::process::geteuid().is_root();
    let mut missing: Vec<&Path> =
        absolute.ancestors().take_while(|ancestor| !ancestor.exists()).collect();
    missing.reverse();
    for path in missing {
        match DirBuilder::new().mode(0o700).create(path) {
            // A mode of one's own, whatever the umask: Postgres' user has to pass.
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

/// For opening files in a directory that may be somebody else's: as root, a symbolic link
/// planted there must not lead outside.
pub(super) fn no_follow() -> i32 {
    // The flag is a small positive number on every platform.
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

/// A file made by root in somebody's directory must stay usable to them.
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

/// Refuses a socket directory that is not Postgres' user's alone: `trust` authentication rests
/// on it, and in /tmp anybody may have been there first.
pub(super) fn check_private(dir: &Path, uid: u32) -> Result<(), ClusterError> {
    let meta = fs::symlink_metadata(dir).map_err(ClusterError::file("look at", dir))?;
    if meta.is_dir() && meta.uid() == uid && meta.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(ClusterError::NotPrivate { path: dir.to_owned(), uid })
    }
}

/// The socket's path, as Postgres names it.
pub(super) fn socket(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

/// The URL that reaches the cluster through its socket, as a role.
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

/// Where the next line of the log will begin.
pub(super) fn log_end(log: &Path) -> u64 {
    fs::metadata(log).map_or(0, |meta| meta.len())
}

/// The end of what was logged since `from`, on one line.
pub(super) fn tail(log: &Path, from: u64) -> String {
    let from = from.max(log_end(log).saturating_sub(LOG_TAIL));
    let mut bytes = Vec::new();
    // A log that cannot be read only makes the message shorter.
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
