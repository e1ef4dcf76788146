//! Sessions: how long they last, and what their holders see of them and end.

use super::AccountError;
use super::manage::hold;
use crate::Error;
use crate::work::Progress;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{Activity, By, Change};
use domain::keys::hex;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::Db;
use store::sessions::{Cutoffs, Open};
use uuid::Uuid;

/// A session ends this long after sign-in, used or not.
const WHOLE: TimeDelta = TimeDelta::days(7);
/// A signed-in session ends when unused for this long: a working day's longest break.
const UNUSED: TimeDelta = TimeDelta::hours(12);
/// A session before sign-in holds a refused form and no more.
const UNKNOWN: TimeDelta = TimeDelta::minutes(15);
/// Bytes of a session's key that name it on pages and in forms.
const HANDLE: usize = 16;

/// The times before which sessions are over.
pub fn cutoffs(now: DateTime<Utc>) -> Cutoffs {
    Cutoffs { created: now - WHOLE, seen: now - UNUSED, seen_unknown: now - UNKNOWN }
}

/// What finds a session in the store, of its cookie's value.
pub fn key(cookie: i128) -> [u8; 32] {
    Sha256::digest(cookie.to_le_bytes()).into()
}

/// What a session is called on pages: nobody can sign in with it.
pub fn handle(key: &[u8]) -> String {
    hex(key.get(..HANDLE).unwrap_or(key))
}

/// An account's sessions, the last used first.
///
/// # Errors
/// When the store refuses.
pub async fn list(db: &Db, account: Uuid) -> Result<Vec<Open>, store::Error> {
    store::sessions::of_account(db.read(), account, cutoffs(db.clock.now())).await
}

/// Ends one session of an account at once; `false` when it has none of that name.
///
/// # Errors
/// [`AccountError::Missing`].
pub async fn end(db: &Db, by: &By, account: Uuid, name: &str) -> Result<bool, AccountError> {
    let (mut write, row) = hold(db, by, account).await?;
    let now = write.now();
    let open = store::sessions::of_account(write.conn(), account, cutoffs(now)).await?;
    let Some(open) = open.into_iter().find(|open| handle(&open.id) == name) else {
        return Ok(false);
    };
    store::sessions::delete(write.conn(), &open.id).await?;
    let what = json!({ "sessions": 1, "browser": open.browser, "address": open.address });
    write.commit(Change::new(Activity::SessionsEnded, row.email).before(what)).await?;
    tracing::info!(%account, "a session ended by hand");
    Ok(true)
}

/// Ends every session of an account but the one with this key; how many.
///
/// # Errors
/// [`AccountError::Missing`].
pub async fn end_others(db: &Db, by: &By, account: Uuid, keep: &[u8]) -> Result<u64, AccountError> {
    let (mut write, row) = hold(db, by, account).await?;
    let ended = store::sessions::delete_others(&mut write, account, keep).await?;
    if ended > 0 {
        let change = Change::new(Activity::SessionsEnded, row.email);
        write.commit(change.before(json!({ "sessions": ended }))).await?;
    }
    Ok(ended)
}

/// Removes some sessions that are over.
///
/// # Errors
/// When the store refuses.
pub async fn step(db: &Db) -> Result<Progress, Error> {
    let gone = store::sessions::prune(db.facts(), cutoffs(db.clock.now())).await?;
    Ok(Progress::of(gone > 0))
}
