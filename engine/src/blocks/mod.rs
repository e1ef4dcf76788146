//! Blocks: whom and what the gate refuses, and who is let through once.

mod alert;
mod bypasses;
mod error;
mod many;
mod record;
#[cfg(test)]
mod tests;

pub use bypasses::{bypass, end_bypass};
pub use error::BlockError;
pub use many::{Many, add_many};

use domain::audit::{Activity, By, Change};
use domain::blocks::NewBlock;
use domain::events::fold_user;
use record::{document, object};
use serde_json::json;
use store::Db;
use store::blocks::{Block, End};
use uuid::Uuid;

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
    ended.pop().ok_or(BlockError::Missing)
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
