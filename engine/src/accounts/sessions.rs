//! Sessions: how long they last; their holders can list and end them.

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
use store::sessions::{Cutoffs, OpenSession};
use uuid::Uuid;

/// A session ends this long after sign-in, even if it is in use.
const WHOLE: TimeDelta = TimeDelta::days(7);
/// A signed-in session ends after this long without use: longer than any break in a working day.
const UNUSED: TimeDelta = TimeDelta::hours(12);
/// Lifetime of a session before sign-in, which holds only a refused form.
const UNKNOWN: TimeDelta = TimeDelta::minutes(15);
/// How many bytes of a session's key identify it on pages and in forms.
const HANDLE: usize = 16;

/// Sessions created or last used before these times have ended.
pub fn cutoffs(now: DateTime<Utc>) -> Cutoffs {
    Cutoffs { created: now - WHOLE, seen: now - UNUSED, seen_unknown: now - UNKNOWN }
}

/// The key under which the store keeps a session, derived from its cookie's value.
pub fn key(cookie: i128) -> [u8; 32] {
    Sha256::digest(cookie.to_le_bytes()).into()
}

/// The name of a session on pages. Nobody can sign in with it.
pub fn handle(key: &[u8]) -> String {
    hex(key.get(..HANDLE).unwrap_or(key))
}

/// An account's sessions, most recently used first.
///
/// # Errors
/// If the store fails.
pub async fn list(db: &Db, account: Uuid) -> Result<Vec<OpenSession>, store::Error> {
    store::sessions::of_account(db.read(), account, cutoffs(db.clock.now())).await
}

/// Ends one session of an account at once; `false` if the account has no session with this name.
///
/// # Errors
/// [`AccountError::Missing`] if there is no such account.
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

/// Ends all sessions of an account except the one with this key, and returns how many.
///
/// # Errors
/// [`AccountError::Missing`] if there is no such account.
pub async fn end_others(db: &Db, by: &By, account: Uuid, keep: &[u8]) -> Result<u64, AccountError> {
    let (mut write, row) = hold(db, by, account).await?;
    let ended = store::sessions::delete_others(&mut write, account, keep).await?;
    if ended > 0 {
        let change = Change::new(Activity::SessionsEnded, row.email);
        write.commit(change.before(json!({ "sessions": ended }))).await?;
    }
    Ok(ended)
}

/// Deletes some of the sessions that have ended.
///
/// # Errors
/// If the store fails.
pub(crate) async fn step(db: &Db) -> Result<Progress, Error> {
    let gone = store::sessions::prune(db.facts(), cutoffs(db.clock.now())).await?;
    Ok(Progress::of(gone > 0))
}
