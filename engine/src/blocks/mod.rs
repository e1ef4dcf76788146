//! Blocks and bypasses: what the gate refuses, and who may pass once.

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

/// Adds a block. With `instead`, an active block of the user under any of their names ends, and the
/// new one replaces it.
///
/// # Errors
/// [`BlockError::AlreadyBlocked`] with the active block, without `instead`; [`BlockError::Invalid`];
/// a failed store.
pub async fn add(db: &Db, by: &By, new: &NewBlock, instead: bool) -> Result<Block, BlockError> {
    loop {
        let mut many = add_many(db, by, std::slice::from_ref(new), instead).await?;
        match (many.added.pop(), many.known.pop()) {
            (Some(block), _) => return Ok(block),
            (None, Some((_, present))) => {
                return Err(BlockError::AlreadyBlocked(Box::new(present)));
            }
            // The conflicting block has ended in the meantime.
            (None, None) => {}
        }
    }
}

/// Ends a block, with a reason of 1 to 500 characters, and returns it as it is then.
///
/// # Errors
/// [`BlockError::Invalid`] in field `reason`, [`BlockError::Missing`], or a failed store.
pub async fn end(db: &Db, by: &By, id: Uuid, reason: &str) -> Result<Block, BlockError> {
    let reason = domain::blocks::reason(reason)?;
    let mut write = db.write(by).await?;
    let end = End { time: write.now(), by: by.actor.to_string(), reason };
    let ended = store::blocks::end(&mut write, &[id], &end).await?.pop();
    let ended = ended.ok_or(BlockError::Missing)?;
    let change = Change::new(Activity::Unblocked, object(ended.kind, &ended.value))
        .before(document(&ended))
        .after(json!({ "reason": end.reason }));
    write.commit(change).await?;
    Ok(ended)
}

/// The active block of a user under any of their names; the strictest if there are several. Takes
/// one round trip.
///
/// # Errors
/// If the store fails.
pub async fn of_user(db: &Db, user: &str) -> store::Result<Option<Block>> {
    store::blocks::of_user(db.read(), &fold_user(user), db.clock.now()).await
}
