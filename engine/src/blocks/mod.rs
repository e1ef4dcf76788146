//! Blocks: whom and what the gate refuses, and who is let through once.

mod alert;
mod bypasses;
mod many;
#[cfg(test)]
mod tests;

pub use bypasses::{bypass, end_bypass};
pub use many::{Many, add_many};

use domain::audit::{Activity, By, Change};
use domain::blocks::{BlockKind, NewBlock, Target};
use domain::events::fold_user;
use domain::{Channel, Invalid};
use serde_json::{Value, json};
use store::Db;
use store::blocks::{Block, End};
use store::bypasses::Bypass;
use uuid::Uuid;

/// Why nothing was blocked, unblocked or bypassed.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// What was entered.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It is blocked already.
    #[error("is blocked already, {}", until(.0.until))]
    AlreadyBlocked(Box<Block>),
    /// Nothing of this id is blocked, or not any more.
    #[error("is not blocked")]
    NotBlocked,
    /// It has a bypass that can still be used.
    #[error("has a bypass already, {}", until(Some(.0.until)))]
    AlreadyBypassed(Box<Bypass>),
    /// There is no bypass of this id, or it was used or ended.
    #[error("is no bypass that could still be used")]
    NotBypassed,
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

fn until(time: Option<chrono::DateTime<chrono::Utc>>) -> String {
    match time {
        Some(time) => format!("until {}", time.format("%-d %b %Y, %H:%M UTC")),
        None => "until somebody unblocks".to_owned(),
    }
}

/// Blocks something. Of a user that is blocked already, by whichever of the names, the present
/// block is told; with `instead` it ends, and the new one takes its place.
///
/// # Errors
/// See [`BlockError`].
pub async fn add(db: &Db, by: &By, new: &NewBlock, instead: bool) -> Result<Block, BlockError> {
    loop {
        let mut many = add_many(db, by, std::slice::from_ref(new), instead).await?;
        match (many.added.pop(), many.known.pop()) {
            (Some(block), _) => return Ok(block),
            (None, Some((_, present))) => {
                return Err(BlockError::AlreadyBlocked(Box::new(present)));
            }
            // Another block was in the way and has ended meanwhile.
            (None, None) => {}
        }
    }
}

/// Unblocks, for a reason: 1 to 500 characters. The block as it is then.
///
/// # Errors
/// See [`BlockError`].
pub async fn end(db: &Db, by: &By, id: Uuid, reason: &str) -> Result<Block, BlockError> {
    let mut ended = end_many(db, by, &[id], reason).await?;
    ended.pop().ok_or(BlockError::NotBlocked)
}

/// Unblocks all of these that hold, in one transaction; the blocks as they are then.
///
/// # Errors
/// [`BlockError::Invalid`] in field `reason`; the store's.
pub async fn end_many(
    db: &Db,
    by: &By,
    ids: &[Uuid],
    reason: &str,
) -> Result<Vec<Block>, BlockError> {
    let reason = domain::blocks::reason(reason)?;
    let mut write = db.write(by).await?;
    let end = End { time: write.now(), by: by.actor.to_string(), reason };
    let ended = store::blocks::end(&mut write, ids, &end).await?;
    if ended.is_empty() {
        return Ok(ended);
    }
    let changes = ended.iter().map(|block| {
        Change::new(Activity::Unblocked, object(block.kind, &block.value))
            .before(document(&Block { end: None, ..block.clone() }))
            .after(json!({ "reason": end.reason }))
    });
    write.commit_all(changes.collect()).await?;
    Ok(ended)
}

/// The block that holds for a user, by whichever of the user's names; the strictest if there are
/// more. One round trip.
///
/// # Errors
/// When the store refuses.
pub async fn of_user(db: &Db, user: &str) -> store::Result<Option<Block>> {
    store::blocks::of_user(db.read(), &fold_user(user), db.clock.now()).await
}

/// What the audit log calls a block or bypass: `user ann@example.com`.
fn object(kind: BlockKind, value: &str) -> String {
    format!("{kind} {value}")
}

/// A block as the audit log keeps it.
fn document(block: &Block) -> Value {
    let mut document = json!({
        "id": block.id, "kind": block.kind.as_str(), "value": block.value,
        "until": block.until, "reason": block.reason,
    });
    if let (Some(channel), Some(map)) = (block.only_channel, document.as_object_mut()) {
        map.insert("only_channel".to_owned(), json!(channel.as_str()));
    }
    document
}

/// A block to be kept.
fn row(target: &Target, new: &NewBlock, by: &By, now: chrono::DateTime<chrono::Utc>) -> Block {
    Block {
        id: store::random::uuid(),
        kind: target.kind(),
        value: target.value().to_owned(),
        key: target.key().to_owned(),
        only_channel: new.only_channel,
        since: now,
        until: new.until,
        by: by.actor.to_string(),
        reason: new.reason.clone(),
        auto: false,
        end: None,
    }
}

/// What is on record of a new block.
fn activity(only_channel: Option<Channel>) -> Activity {
    match only_channel {
        None => Activity::Blocked,
        Some(_) => Activity::ChannelRequired,
    }
}
