//! The server's secret: stored in `DIR/secret`, which is created at the first start unless the
//! operator provides a file or an environment variable; and its rotation.

mod rotate;

pub(crate) use rotate::open_key;
pub use rotate::{RotateError, Rotated, rotate_file, rotate_into, settle};

use crate::private_file::{self, PrivateError};
use domain::secret::Secret;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::Db;
use subtle::ConstantTimeEq as _;

/// Why there is no usable secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be created or moved.
    #[error("the server's secret {path} cannot be {what}: {error}", path = .path.display())]
    File {
        /// Path as given by the caller.
        path: PathBuf,
        /// `made`, `removed` or `replaced`.
        what: &'static str,
        /// The system's error.
        error: std::io::Error,
    },
    /// The file cannot be read, or other users can read it.
    #[error("the server's secret {0}; if others have read it, rotate it: tollwarden secret rotate")]
    Private(#[from] PrivateError),
    /// The file's content is not a secret.
    #[error("the server's secret {path} {what}", path = .path.display())]
    Content {
        /// Path as given by the caller.
        path: PathBuf,
        /// What it must contain.
        what: &'static str,
    },
}

/// Reads `DIR/secret`, or creates it so that only its owner can read it.
///
/// # Errors
/// [`SecretError`] if the file cannot be read or created, or is not private.
pub fn of_directory(dir: &Path) -> Result<Secret, SecretError> {
    let path = dir.join("secret");
    match read(&path)? {
        Some(secret) => Ok(secret),
        None => make(dir, &path),
    }
}

/// The secret in a file; `None` if there is no file.
fn read(path: &Path) -> Result<Option<Secret>, SecretError> {
    match private_file::read(path, false) {
        Ok(text) => {
            let secret = text.parse();
            secret.map(Some).map_err(|what| SecretError::Content { path: path.to_owned(), what })
        }
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a new secret durably to a new file, which must not exist yet.
fn create(path: &Path) -> Result<Secret, SecretError> {
    let secret = Secret::new(store::random::bytes());
    let written = || -> std::io::Result<()> {
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(secret.reveal().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        private_file::sync_dir_of(path)
    };
    match written() {
        Ok(()) => Ok(secret),
        Err(error) => Err(SecretError::File { path: path.to_owned(), what: "made", error }),
    }
}

/// Writes a new secret to a temporary file and links it to its place: of two concurrent processes
/// one is first, and none ever reads half a secret.
fn make(dir: &Path, path: &Path) -> Result<Secret, SecretError> {
    let failed = |error| SecretError::File { path: path.to_owned(), what: "made", error };
    std::fs::create_dir_all(dir).map_err(failed)?;
    let draft = dir.join(format!("secret.{}", domain::keys::hex(&store::random::bytes::<8>())));
    let secret = create(&draft)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(failed)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| failed(ErrorKind::NotFound.into()))
        }
        Err(error) => Err(failed(error)),
    }
}

/// Checks that the store was created with this secret: a server that could not write its audit log
/// must not start.
///
/// # Errors
/// [`store::Error::AnotherSecret`] if it was not.
pub async fn check(db: &Db) -> store::Result<()> {
    let mine = db.secret.check();
    let kept = store::audit::secret_check(db.facts(), &mine).await?;
    if bool::from(kept.ct_eq(&mine)) { Ok(()) } else { Err(store::Error::AnotherSecret) }
}

/// Checks that the secret was not rotated while this server ran. After a rotation the server
/// continues to decide and read, but refuses every change until it is restarted with the new
/// secret.
///
/// # Errors
/// [`store::Error::AnotherSecret`] if it was.
pub(crate) async fn holds(db: &Db) -> store::Result<()> {
    let mut conn = db.conn().await?;
    let kept = store::audit::head_row(&mut conn).await?.and_then(|head| head.secret_check);
    match kept.is_none_or(|kept| kept == db.secret.check()) {
        true => Ok(()),
        false => Err(store::Error::AnotherSecret),
    }
}

#[cfg(test)]
mod tests;
