//! Files with secrets: read only if other users cannot access them.

use rustix::fs::OFlags;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}", path = .path.display())]
    Read {
        /// Path as given by the caller.
        path: PathBuf,
        /// The system's error.
        error: Error,
    },
    /// Other users can read or write it.
    #[error(
        "{path} holds a secret and is open to others (mode {mode:04o}): run `chmod 600 {path}`",
        path = .path.display()
    )]
    Open {
        /// Path as given by the caller.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to another user.
    #[error(
        "{path} belongs to user id {owner}, who could change it; this process runs as user id \
         {user}: run `chown {user} {path}`",
        path = .path.display()
    )]
    Foreign {
        /// Path as given by the caller.
        path: PathBuf,
        /// User id of its owner.
        owner: u32,
        /// User id of this process.
        user: u32,
    },
}

impl PrivateError {
    /// Whether the file does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read { error, .. } if error.kind() == ErrorKind::NotFound)
    }
}

/// Reads a text of at most 1 MiB that only its owner can read. `follow` says whether the path may
/// be a symbolic link.
///
/// # Errors
/// [`PrivateError`]; its message never shows the file's content.
pub fn read(path: &Path, follow: bool) -> Result<String, PrivateError> {
    let (text, meta) = read_any(path, follow)?;
    check(path, &meta)?;
    Ok(text)
}

/// Reads a text of at most 1 MiB that other users may read too; the caller judges its metadata.
///
/// # Errors
/// [`PrivateError::Read`] if it cannot be read, is too long or is not text.
pub fn read_any(path: &Path, follow: bool) -> Result<(String, Metadata), PrivateError> {
    let failed = |error| PrivateError::Read { path: path.to_owned(), error };
    let mut options = OpenOptions::new();
    options.read(true);
    // A pipe without a writer must not block the start.
    let link = if follow { OFlags::empty() } else { OFlags::NOFOLLOW };
    let file = options.custom_flags(flags(OFlags::NONBLOCK | link)).open(path).map_err(failed)?;
    // Of the open file, because another file may appear under the path.
    let meta = file.metadata().map_err(failed)?;
    let text = text(&file).map_err(failed)?;
    Ok((text, meta))
}

/// The flag for opening a file that may not be a symbolic link: in a directory of another user, a
/// link planted there must not lead elsewhere.
pub(crate) fn no_follow() -> i32 {
    flags(OFlags::NOFOLLOW)
}

/// Accepts an error of this kind: what was to be done is done already.
pub(crate) fn unless(kind: ErrorKind, done: Result<(), Error>) -> Result<(), Error> {
    match done {
        Err(error) if error.kind() == kind => Ok(()),
        done => done,
    }
}

/// Makes the name of a file survive a power failure, like its content.
pub(crate) fn sync_dir_of(path: &Path) -> Result<(), Error> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
}

fn flags(flags: OFlags) -> i32 {
    // Small positive numbers on every platform.
    i32::try_from(flags.bits()).unwrap_or(0)
}

fn text(file: &File) -> Result<String, Error> {
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(Error::new(ErrorKind::InvalidData, "it is longer than a mebibyte"));
    }
    Ok(text)
}

/// Whether other users cannot access the open file. A file that root gives to one group of this
/// process (`root:tollwarden`, mode 0640) is accepted too.
///
/// # Errors
/// [`PrivateError::Open`] or [`PrivateError::Foreign`].
pub fn check(path: &Path, meta: &Metadata) -> Result<(), PrivateError> {
    check_for(path, meta, rustix::process::geteuid().as_raw())
}

fn check_for(path: &Path, meta: &Metadata, user: u32) -> Result<(), PrivateError> {
    // As root: files of the directory's owner are accepted too.
    let dir = || path.parent().and_then(|dir| dir.metadata().ok()).map(|dir| dir.uid());
    let owner = meta.uid();
    if owner != user && owner != 0 && !(user == 0 && dir() == Some(owner)) {
        return Err(PrivateError::Foreign { path: path.to_owned(), owner, user });
    }
    let closed = if owner == 0 && user != 0 { 0o037 } else { 0o077 };
    let mode = meta.mode() & 0o7777;
    if meta.is_file() && mode & closed != 0 {
        return Err(PrivateError::Open { path: path.to_owned(), mode });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn only_what_is_closed_to_others_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, "hunter2\n").unwrap();
        for (mode, read_it) in [
            (0o600, true),
            (0o400, true),
            (0o700, true),
            (0o640, false),
            (0o604, false),
            (0o644, false),
            (0o620, false),
            (0o666, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            match read(&path, false) {
                Ok(text) => assert!(read_it && text == "hunter2\n", "{mode:o}"),
                Err(error) => {
                    let said = error.to_string();
                    assert!(!read_it, "{mode:o}: {said}");
                    let advice = format!("(mode {mode:04o}): run `chmod 600 {}`", path.display());
                    assert!(said.contains(&advice) && !said.contains("hunter2"), "{said}");
                }
            }
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        assert_eq!(read(&link, true).unwrap(), "hunter2\n");
        assert!(matches!(read(&link, false), Err(PrivateError::Read { .. })));
        assert!(read(&dir.path().join("none"), true).unwrap_err().is_missing());
        fs::write(&path, vec![b'x'; 1 << 21]).unwrap();
        assert!(read(&path, false).unwrap_err().to_string().contains("longer than a mebibyte"));
    }

    #[test]
    fn it_must_be_ones_own_or_roots() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let meta = fs::metadata(&path).unwrap();
        let stranger = meta.uid() + 1;
        let checked = check_for(&path, &meta, stranger);
        if meta.uid() == 0 {
            // Root's file, given to a group.
            checked.unwrap();
        } else {
            let said = checked.unwrap_err().to_string();
            assert!(said.contains(&format!("chown {stranger} ")), "{said}");
        }
        // As root: the file of the directory's owner.
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        check_for(&path, &fs::metadata(&path).unwrap(), 0).unwrap();
    }
}
