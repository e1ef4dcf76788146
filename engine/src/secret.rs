//! Where the server's secret is kept: `DIR/secret`, made at the first start, unless a file of the
//! operator's or the environment brings one; and how another takes its place.

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

/// Why there is no secret to work with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be made or moved.
    #[error("the server's secret {path} cannot be {what}: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `made`, `removed` or `replaced`.
        what: &'static str,
        /// Why.
        error: std::io::Error,
    },
    /// The file cannot be read, or others can.
    #[error("the server's secret {0}; if others have read it, rotate it: tollwarden secret rotate")]
    Private(#[from] PrivateError),
    /// The file holds something else.
    #[error("the server's secret {path} {what}", path = .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it must be.
        what: &'static str,
    },
}

/// Reads `DIR/secret`, or makes it, for its owner's eyes alone.
///
/// # Errors
/// See [`SecretError`].
pub fn of_directory(dir: &Path) -> Result<Secret, SecretError> {
    let path = dir.join("secret");
    match read(&path)? {
        Some(secret) => Ok(secret),
        None => make(dir, &path),
    }
}

/// The secret in a file; none when there is no file.
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

/// Writes a new secret into a file of its own, which must not be there yet, for good.
fn create(path: &Path) -> Result<Secret, SecretError> {
    let secret = Secret::new(store::random::bytes());
    let written = || -> std::io::Result<()> {
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(secret.reveal().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        // The name must survive a power cut as the content does.
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        std::fs::File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
    };
    match written() {
        Ok(()) => Ok(secret),
        Err(error) => Err(SecretError::File { path: path.to_owned(), what: "made", error }),
    }
}

/// Writes a new secret beside its place and links it there: of two processes at the same moment
/// one is first, and nobody ever reads half a secret.
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

/// Makes sure that the store was begun under this secret: a server that could not write its audit
/// log must not start.
///
/// # Errors
/// [`store::Error::AnotherSecret`].
pub async fn check(db: &Db) -> store::Result<()> {
    let mine = db.secret.check();
    let kept = store::audit::secret_check(db.read(), &mine).await?;
    if bool::from(kept.ct_eq(&mine)) { Ok(()) } else { Err(store::Error::AnotherSecret) }
}

/// Makes sure that the secret was not rotated while this server ran: such a server goes on deciding
/// and reading, and refuses every change until it is started again with the new one.
///
/// # Errors
/// [`store::Error::AnotherSecret`].
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
