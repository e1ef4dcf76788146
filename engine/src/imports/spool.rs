//! The folder for received files. Logs contain phone numbers: only this user can access the folder
//! and its files, and symbolic links in it are not followed.

use crate::private_file::{no_follow, unless};
use chrono::{DateTime, TimeDelta, Utc};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

/// How long rejected lines and files that no import needs are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// File name suffix of rejected lines.
pub(super) const REJECTED: &str = ".rejected.csv";
/// File name suffix of a file to import.
pub(super) const LOG: &str = ".log";

#[derive(Debug)]
pub(super) struct Spool(PathBuf);

impl Spool {
    pub(super) fn new(dir: &Path) -> Self {
        Self(dir.to_owned())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Creates the folder for its owner only, and restricts one of ours that others can access.
    /// Refuses a folder that belongs to another user or is a link: whoever created it could read
    /// the files.
    pub(super) fn prepare(&self) -> Result<()> {
        let Self(dir) = self;
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent)?;
        }
        unless(ErrorKind::AlreadyExists, DirBuilder::new().mode(0o700).create(dir))?;
        let meta = fs::symlink_metadata(dir)?;
        if !meta.is_dir() {
            return Err(Error::new(
                ErrorKind::NotADirectory,
                format!("{} is not a directory; remove it", dir.display()),
            ));
        }
        let user = rustix::process::geteuid().as_raw();
        if meta.uid() != user {
            let (dir, owner) = (dir.display(), meta.uid());
            return Err(Error::new(
                ErrorKind::PermissionDenied,
                format!("{dir} belongs to user id {owner}, and this process runs as {user}"),
            ));
        }
        if meta.mode() & 0o077 != 0 {
            fs::set_permissions(dir, Permissions::from_mode(0o700))?;
            for entry in fs::read_dir(dir)? {
                let entry = entry?;
                if entry.file_type()?.is_file() {
                    fs::set_permissions(entry.path(), Permissions::from_mode(0o600))?;
                }
            }
        }
        Ok(())
    }

    /// Creates or empties a file that only its owner can access.
    pub(super) fn create(&self, name: &str) -> Result<File> {
        self.prepare()?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.custom_flags(no_follow()).open(self.path(name))
    }

    pub(super) fn open(&self, name: &str) -> Result<File> {
        self.prepare()?;
        OpenOptions::new().read(true).custom_flags(no_follow()).open(self.path(name))
    }

    /// Deletes rejected lines older than 30 days or `kept`, and logs older than 30 days whose
    /// job id is not wanted. Returns how many files.
    pub(super) fn tidy(
        &self,
        now: DateTime<Utc>,
        kept: Option<TimeDelta>,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<usize> {
        let rejected = kept.map_or(KEPT, |kept| kept.min(KEPT));
        self.remove(|name, written| {
            let older = |than: TimeDelta| written < (now - than).timestamp();
            name.ends_with(REJECTED) && older(rejected)
                || name.strip_suffix(LOG).is_some_and(|id| !is_wanted(id)) && older(KEPT)
        })
    }

    /// Deletes all rejected lines: they may quote an erased person, and nobody can tell in which
    /// line. Returns how many files.
    pub(super) fn forget_rejected(&self) -> Result<usize> {
        self.remove(|name, _| name.ends_with(REJECTED))
    }

    /// Deletes the files selected by name and time of last change (seconds since 1970).
    fn remove(&self, which: impl Fn(&str, i64) -> bool) -> Result<usize> {
        if !fs::exists(&self.0)? {
            return Ok(0);
        }
        self.prepare()?;
        let mut removed = 0;
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_file() && which(&entry.file_name().to_string_lossy(), meta.mtime()) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn the_folder_and_its_files_are_closed_to_others() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("a/imports");
        let spool = Spool::new(&dir);
        drop(spool.create("x.log").unwrap());
        assert_eq!((mode(&dir), mode(&dir.join("x.log"))), (0o700, 0o600));
        // A folder that an older version left accessible to others is restricted.
        fs::set_permissions(&dir, Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir.join("x.log"), Permissions::from_mode(0o644)).unwrap();
        drop(spool.open("x.log").unwrap());
        assert_eq!((mode(&dir), mode(&dir.join("x.log"))), (0o700, 0o600));
    }

    #[test]
    fn what_was_planted_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let (real, link) = (temp.path().join("real"), temp.path().join("link"));
        fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        let refused = Spool::new(&link).create("x.log").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::NotADirectory, "{refused}");
        assert_eq!(fs::read_dir(&real).unwrap().count(), 0);

        let target = temp.path().join("target");
        fs::write(&target, "kept").unwrap();
        let spool = Spool::new(&real);
        for name in ["x.log", "y.rejected.csv"] {
            symlink(&target, real.join(name)).unwrap();
            assert!(spool.create(name).is_err(), "{name}");
            assert!(spool.open(name).is_err(), "{name}");
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "kept");

        // Only root can create a folder that belongs to another user.
        if rustix::process::geteuid().is_root() {
            let foreign = temp.path().join("foreign");
            fs::create_dir(&foreign).unwrap();
            std::os::unix::fs::chown(&foreign, Some(12345), None).unwrap();
            let refused = Spool::new(&foreign).create("x.log").unwrap_err();
            assert!(refused.to_string().contains("belongs to user id 12345"), "{refused}");
        }
    }

    #[test]
    fn rejected_lines_are_dropped_after_thirty_days() {
        let temp = tempfile::tempdir().unwrap();
        let spool = Spool::new(&temp.path().join("imports"));
        let made = fs::metadata(temp.path()).unwrap().mtime();
        let made = DateTime::from_timestamp(made, 0).unwrap();
        assert_eq!(spool.tidy(made, None, |_| false).unwrap(), 0, "no folder yet");
        for name in ["a.rejected.csv", "b.log", "c.log", "other"] {
            drop(spool.create(name).unwrap());
        }
        let after = |days| made + TimeDelta::days(days);
        assert_eq!(spool.tidy(after(29), None, |_| false).unwrap(), 0);
        assert_eq!(spool.tidy(after(31), None, |id| id == "b").unwrap(), 2);
        let mut left: Vec<_> = fs::read_dir(temp.path().join("imports"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["b.log", "other"]);

        for name in ["d.rejected.csv", "e.log"] {
            drop(spool.create(name).unwrap());
        }
        let week = Some(TimeDelta::days(7));
        assert_eq!(spool.tidy(after(6), week, |_| false).unwrap(), 0);
        assert_eq!(spool.tidy(after(8), week, |_| false).unwrap(), 1, "only rejected lines");
        drop(spool.create("f.rejected.csv").unwrap());
        assert_eq!(spool.forget_rejected().unwrap(), 1);
        assert!(fs::exists(spool.path("e.log")).unwrap());
    }
}
