//! Where the server's secret is kept: `DIR/secret`, made at the first start, unless the
//! environment brings one.

use domain::secret::Secret;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::Db;
use subtle::ConstantTimeEq as _;

/// Why there is no secret to work with.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or made.
    #[error("the server's secret {path} cannot be {what}: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// `read` or `made`.
        what: &'static str,
        /// Why.
        error: std::io::Error,
    },
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
    match std::fs::read_to_string(&path) {
        Ok(text) => text.parse().map_err(|what| SecretError::Content { path, what }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(dir, &path).map_err(|error| SecretError::File { path, what: "made", error })
        }
        Err(error) => Err(SecretError::File { path, what: "read", error }),
    }
}

/// Writes a new secret beside its place and links it there: of two processes at the same moment
/// one is first, and nobody ever reads half a secret.
fn make(dir: &Path, path: &Path) -> std::io::Result<Secret> {
    std::fs::create_dir_all(dir)?;
    let secret = Secret::new(store::random::bytes());
    let draft = dir.join(format!("secret.{}", domain::keys::hex(&store::random::bytes::<8>())));
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(secret.reveal().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(path)?;
            text.parse().map_err(|what| std::io::Error::new(ErrorKind::InvalidData, what))
        }
        Err(error) => Err(error),
    }
}

/// Makes sure that the store was begun under this secret: a server that could not write its audit
/// log must not start.
///
/// # Errors
/// [`store::Error::AnotherSecret`].
pub async fn check(db: &Db) -> store::Result<()> {
    let mine = db.secret.check();
    let kept = store::audit::secret_check(&db.pool, &mine).await?;
    if bool::from(kept.ct_eq(&mine)) { Ok(()) } else { Err(store::Error::AnotherSecret) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;
    use std::os::unix::fs::PermissionsExt as _;
    use store::Clock;

    #[test]
    fn a_directory_has_one_secret_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("data");
        let made: Vec<Secret> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| of_directory(&dir).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(made.iter().all(|secret| *secret == made[0]));
        assert_eq!(of_directory(&dir).unwrap(), made[0]);
        let mode = std::fs::metadata(dir.join("secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1, "drafts are tidied away");

        std::fs::write(dir.join("secret"), "short").unwrap();
        let refused = of_directory(&dir).unwrap_err().to_string();
        assert!(refused.contains("64 hexadecimal digits"), "{refused}");
    }

    #[sqlx::test(migrator = "store::MIGRATOR")]
    async fn a_store_knows_its_secret(pool: PgPool) {
        let db = Db::new(pool, Clock::system());
        check(&db).await.unwrap();
        check(&db).await.unwrap();
        let other = Db { secret: Secret::new([9; 32]), ..db };
        assert!(matches!(check(&other).await, Err(store::Error::AnotherSecret)));
    }
}
