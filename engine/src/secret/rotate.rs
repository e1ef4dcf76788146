//! Another secret in place of the present one: the chain of the audit log goes on under a new key,
//! and all that is sealed is sealed anew, in one transaction.

use super::{SecretError, create, read};
use crate::notify::seal;
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::secret::Secret;
use serde_json::json;
use sqlx::PgConnection;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use store::Db;

/// Why a secret was not rotated. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] SecretError),
    /// An old key of the audit log cannot be opened: its entries could no longer be verified.
    #[error(
        "key {0} of the audit log cannot be opened with this secret: somebody altered it; restore \
         the table audit_key from a backup"
    )]
    OldKey(i32),
    /// Sealing failed.
    #[error("a secret cannot be sealed")]
    Seal,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The number of the audit log's key from now on.
    pub key: i32,
    /// Secrets sealed anew.
    pub sealed: usize,
    /// Secrets that could not be opened and stay as they are: they were of no use before.
    pub unreadable: usize,
}

/// Rotates the secret that lies in a file. The new one is on disk beside it before the store knows
/// it, and takes its place after that: whenever this is interrupted, one of the two fits, and
/// [`settle`] finds which.
///
/// # Errors
/// See [`RotateError`].
pub async fn rotate_file(db: &Db, by: &By, path: &Path) -> Result<Rotated, RotateError> {
    let next = next_of(path);
    match std::fs::remove_file(&next) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(SecretError::File { path: next, what: "removed", error }.into());
        }
        // One of an interrupted run: the store knows the present one, else it would be in its place.
        _ => {}
    }
    let new = create(&next)?;
    let rotated = rotate(db, by, &new).await?;
    promote(&next, path)?;
    Ok(rotated)
}

/// Rotates a secret that comes from elsewhere: the new one is written into a file of its own, which
/// must not be there yet.
///
/// # Errors
/// See [`RotateError`].
pub async fn rotate_into(db: &Db, by: &By, path: &Path) -> Result<Rotated, RotateError> {
    let new = create(path)?;
    let rotated = rotate(db, by, &new).await;
    if matches!(&rotated, Err(error) if is_undone(error)) {
        // Nothing knows it. After a commit whose answer was lost it may be the store's: it stays.
        let _ = std::fs::remove_file(path);
    }
    rotated
}

/// Whether the transaction was surely not committed. Of whatever the database or the way to it
/// said, nobody can tell: a commit may have been kept whose answer says that Postgres stops.
fn is_undone(error: &RotateError) -> bool {
    !matches!(error, RotateError::Store(store::Error::Sql(_)))
}

/// Finishes a rotation that was interrupted between the store and the file: when the store knows
/// the secret that lies beside the present one, that is the present one. Answers with the secret
/// that holds.
///
/// # Errors
/// When the store refuses, or a file cannot be read or written.
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
        // Said by `check`, with what to do.
        _ => Ok(db.secret.clone()),
    }
}

/// The whole exchange in one transaction.
async fn rotate(db: &Db, by: &By, new: &Secret) -> Result<Rotated, RotateError> {
    let now = db.clock.now();
    let mut tx = db.begin().await?;
    // In the order of those who change recipients: the recipients, then the chain's head. Whoever
    // seals something under the old key has committed before this or is refused at its own head.
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

/// Keeps the chain's present key, and seals anew those that were kept before.
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

/// The key of that number, as it was kept; nothing when it cannot be opened.
pub(crate) fn open_key(secret: &Secret, number: i32, sealed: &[u8]) -> Option<[u8; 32]> {
    seal::open(&secret.seal_key(), &owner(number), sealed)?.try_into().ok()
}

/// Whose a sealed key is: one number's cannot be put in place of another's.
fn owner(number: i32) -> Vec<u8> {
    format!("audit key {number}").into_bytes()
}

/// The same sealed under another key; nothing when it cannot be opened.
fn reseal(
    from: &[u8; 32],
    to: &[u8; 32],
    owner: &[u8],
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, RotateError> {
    let Some(text) = seal::open(from, owner, sealed) else { return Ok(None) };
    seal::seal(to, owner, &text).map(Some).ok_or(RotateError::Seal)
}

/// Where the new secret lies until the store knows it.
fn next_of(path: &Path) -> PathBuf {
    let mut next = path.as_os_str().to_owned();
    next.push(".next");
    PathBuf::from(next)
}

/// Puts a file in another's place, for good.
fn promote(next: &Path, path: &Path) -> Result<(), SecretError> {
    let moved = std::fs::rename(next, path).and_then(|()| match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => File::open(dir)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    });
    moved.map_err(|error| SecretError::File { path: path.to_owned(), what: "replaced", error })
}
