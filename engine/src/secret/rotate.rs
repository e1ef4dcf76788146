//! Rotating the secret: the audit log's chain continues with a new key, and all encrypted secrets
//! are encrypted again, in one transaction.

use super::{SecretError, create, read};
use crate::notify::seal;
use crate::private_file::{sync_dir_of, unless};
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::secret::Secret;
use serde_json::json;
use sqlx::PgConnection;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use store::Db;

/// Why a rotation failed. Then nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] SecretError),
    /// An old key of the audit log cannot be decrypted, so its entries could no longer be verified.
    #[error(
        "key {0} of the audit log cannot be opened with this secret: somebody altered it; restore \
         the table audit_key from a backup"
    )]
    OldKey(i32),
    /// Encryption failed.
    #[error("a secret cannot be sealed")]
    Seal,
}

/// Result of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// Number of the audit log's new key.
    pub key: i32,
    /// Secrets encrypted again.
    pub sealed: usize,
    /// Secrets that could not be decrypted and stay unchanged: they were unusable before.
    pub unreadable: usize,
}

/// Rotates a secret stored in a file. The new secret is written next to it before the store uses
/// it, and replaces it afterwards: whenever this is interrupted, one of the two fits, and
/// [`settle`] finds out which.
///
/// # Errors
/// [`RotateError`] if the store, a file, or decrypting an old key fails.
pub async fn rotate_file(db: &Db, by: &By, path: &Path) -> Result<Rotated, RotateError> {
    let next = next_of(path);
    // Left by an interrupted rotation: the store uses the current one, or it would have been
    // replaced.
    if let Err(error) = unless(ErrorKind::NotFound, std::fs::remove_file(&next)) {
        return Err(SecretError::File { path: next, what: "removed", error }.into());
    }
    let new = create(&next)?;
    let rotated = rotate(db, by, &new).await?;
    promote(&next, path)?;
    Ok(rotated)
}

/// Rotates a secret from another place: the new one is written to a new file, which must not exist
/// yet.
///
/// # Errors
/// [`RotateError`] if the store, a file, or decrypting an old key fails.
pub async fn rotate_into(db: &Db, by: &By, path: &Path) -> Result<Rotated, RotateError> {
    let new = create(path)?;
    let rotated = rotate(db, by, &new).await;
    if matches!(&rotated, Err(error) if is_undone(error)) {
        // The store does not use it. If a commit's answer was lost, the store may use it, so it
        // stays.
        let _ = std::fs::remove_file(path);
    }
    rotated
}

/// Whether the transaction was certainly not committed. After an error from the database or the
/// connection this is unknown: Postgres may commit although its answer says that it is stopping.
fn is_undone(error: &RotateError) -> bool {
    !matches!(error, RotateError::Store(store::Error::Sql(_)))
}

/// Completes a rotation that was interrupted between the store and the file: if the store uses the
/// new secret next to the current one, the new one becomes current. Returns the valid secret.
///
/// # Errors
/// If the store fails, or a file cannot be read or written.
pub async fn settle(db: &Db, path: &Path) -> Result<Secret, RotateError> {
    let mut conn = db.conn().await?;
    let head = store::audit::head_row(&mut conn).await?;
    let kept = head.and_then(|head| head.secret_check);
    if kept.as_deref().is_none_or(|kept| kept == db.secret.check()) {
        return Ok(db.secret.clone());
    }
    let next = next_of(path);
    match read(&next)? {
        Some(secret) if kept.as_deref() == Some(&secret.check()[..]) => {
            promote(&next, path)?;
            tracing::info!(path = %path.display(), "an interrupted rotation was finished");
            Ok(secret)
        }
        // `check` reports it, with what to do.
        _ => Ok(db.secret.clone()),
    }
}

/// Does the whole rotation in one transaction.
async fn rotate(db: &Db, by: &By, new: &Secret) -> Result<Rotated, RotateError> {
    let now = db.clock.now();
    let mut tx = db.begin().await?;
    // In the same order as changes of recipients: the recipients, then the chain's head. A writer
    // that encrypts with the old key has committed before this, or is refused at the head.
    let recipients = store::recipients::lock_all(&mut tx).await?;
    let head = store::audit::lock_head(&mut tx).await?;
    if head.secret_check.as_deref().is_some_and(|check| check != db.secret.check()) {
        return Err(store::Error::AnotherSecret.into());
    }
    let (from, to) = (db.secret.seal_key(), new.seal_key());
    let (mut sealed, mut unreadable) = (0, 0);
    for mut row in recipients {
        for kept in [&mut row.secret, &mut row.old_secret].into_iter().flatten() {
            match reseal(&from, &to, row.id.as_bytes(), kept)? {
                Some(anew) => (*kept, sealed) = (anew, sealed + 1),
                None => unreadable += 1,
            }
        }
        store::recipients::reseal(&mut tx, &row).await?;
    }
    keep_keys(&mut tx, db, new, head.key, now).await?;
    crate::erase::sign_anew(&mut tx, &db.secret, new).await?;
    let key = head.key + 1;
    store::audit_keys::begin_key(&mut tx, key, &new.check()).await?;
    let change = Change::new(Activity::ServerSecretRotated, "server secret")
        .before(json!({ "key": head.key }))
        .after(json!({ "key": key, "sealed": sealed }));
    let anew = db.clone().with_secret(new.clone());
    anew.record_in(tx, now, &[(by.clone(), change)]).await?.commit().await?;
    Ok(Rotated { key, sealed, unreadable })
}

/// Stores the chain's current key, and encrypts older keys again.
async fn keep_keys(
    conn: &mut PgConnection,
    db: &Db,
    new: &Secret,
    present: i32,
    now: DateTime<Utc>,
) -> Result<(), RotateError> {
    let (from, to) = (db.secret.seal_key(), new.seal_key());
    for (number, sealed) in store::audit_keys::old_keys(conn).await? {
        let anew = reseal(&from, &to, &owner(number), &sealed)?;
        let anew = anew.ok_or(RotateError::OldKey(number))?;
        store::audit_keys::keep_key(conn, number, &anew, now).await?;
    }
    let key = db.secret.audit_key();
    let sealed = seal::seal(&to, &owner(present), &key).ok_or(RotateError::Seal)?;
    Ok(store::audit_keys::keep_key(conn, present, &sealed, now).await?)
}

/// The key with this number; `None` if it cannot be decrypted.
pub(crate) fn open_key(secret: &Secret, number: i32, sealed: &[u8]) -> Option<[u8; 32]> {
    seal::open(&secret.seal_key(), &owner(number), sealed)?.try_into().ok()
}

/// The owner of an encrypted key, so that it cannot be used under another number.
fn owner(number: i32) -> Vec<u8> {
    format!("audit key {number}").into_bytes()
}

/// Encrypts it again with another key; `None` if it cannot be decrypted.
fn reseal(
    from: &[u8; 32],
    to: &[u8; 32],
    owner: &[u8],
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, RotateError> {
    let Some(text) = seal::open(from, owner, sealed) else { return Ok(None) };
    seal::seal(to, owner, &text).map(Some).ok_or(RotateError::Seal)
}

/// Where the new secret is until the store uses it.
fn next_of(path: &Path) -> PathBuf {
    let mut next = path.as_os_str().to_owned();
    next.push(".next");
    PathBuf::from(next)
}

/// Durably replaces a file by another.
fn promote(next: &Path, path: &Path) -> Result<(), SecretError> {
    let moved = std::fs::rename(next, path).and_then(|()| sync_dir_of(path));
    moved.map_err(|error| SecretError::File { path: path.to_owned(), what: "replaced", error })
}
