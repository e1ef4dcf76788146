//! Creating one or many blocks in one transaction.

use super::alert::alert;
use super::error::BlockError;
use super::record::{document, object, row};
use chrono::{DateTime, Utc};
use domain::audit::{Activity, By, Change};
use domain::blocks::{BlockKind, NewBlock};
use sqlx::PgConnection;
use std::collections::HashSet;
use store::Db;
use store::blocks::{Block, End};
use uuid::Uuid;

/// Result of adding a list of blocks.
#[derive(Debug, Default)]
pub struct Many {
    /// The new blocks, in the list's order.
    pub added: Vec<Block>,
    /// Positions in the list of targets that are already blocked, each with its current block.
    pub known: Vec<(usize, Block)>,
}

/// Adds many blocks in one transaction. Targets that are already blocked keep their block and are
/// reported; with `instead` their block ends and the new one replaces it.
///
/// # Errors
/// [`BlockError`]; then nothing is blocked.
pub async fn add_many(
    db: &Db,
    by: &By,
    new: &[NewBlock],
    instead: bool,
) -> Result<Many, BlockError> {
    match try_add(db, by, new, instead).await {
        // Two concurrent lists with a common key: the second try finds the other list's blocks.
        Err(BlockError::Store(error)) if error.is_transient() => {
            try_add(db, by, new, instead).await
        }
        done => done,
    }
}

async fn try_add(db: &Db, by: &By, new: &[NewBlock], instead: bool) -> Result<Many, BlockError> {
    let mut write = db.write(by).await?;
    let now = write.now();
    let mut many = Many::default();
    let mut rows: Vec<(usize, Block)> = Vec::with_capacity(new.len());
    let mut ended: Vec<Block> = Vec::new();
    for (at, new) in new.iter().enumerate() {
        match present(write.conn(), new, now).await? {
            Some(present) if !instead => many.known.push((at, present)),
            present => {
                ended.extend(present);
                rows.push((at, row(new, by, now)));
            }
        }
    }
    let ids: Vec<Uuid> = ended.iter().map(|block| block.id).collect();
    if !ids.is_empty() {
        let reason = "another block took its place".to_owned();
        let end = End { time: now, by: by.actor.to_string(), reason };
        store::blocks::end(&mut write, &ids, &end).await?;
    }
    let blocks: Vec<Block> = rows.iter().map(|(_, block)| block.clone()).collect();
    let added = store::blocks::add(&mut write, &blocks, now).await?;
    let added: HashSet<Uuid> = added.into_iter().collect();
    for (at, block) in rows {
        if added.contains(&block.id) {
            many.added.push(block);
        } else if let Some(present) = present(write.conn(), &new[at], now).await? {
            // Another request added a block between the check and the write.
            many.known.push((at, present));
        }
    }
    if many.added.is_empty() {
        return Ok(many);
    }
    crate::notify::raise(write.conn(), now, &alert(by, &many.added)).await?;
    let changes = many.added.iter().map(|block| {
        let activity = match block.only_channel {
            None => Activity::Blocked,
            Some(_) => Activity::ChannelRequired,
        };
        let change = Change::new(activity, object(block.kind, &block.value)).after(document(block));
        let same = |before: &&Block| before.kind == block.kind && before.key == block.key;
        match ended.iter().find(same) {
            Some(before) => change.before(document(before)),
            None => change,
        }
    });
    write.commit_all(changes.collect()).await?;
    Ok(many)
}

/// The active block for exactly this target, or for the user under another name.
async fn present(
    conn: &mut PgConnection,
    new: &NewBlock,
    now: DateTime<Utc>,
) -> store::Result<Option<Block>> {
    let own = store::blocks::live_of(&mut *conn, &new.target, now).await?;
    match own {
        None if new.target.kind() == BlockKind::User => {
            store::blocks::of_user(conn, new.target.key(), now).await
        }
        own => Ok(own),
    }
}
