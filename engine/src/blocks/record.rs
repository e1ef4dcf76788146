//! A block as a row, and as a document in the audit log.

use chrono::{DateTime, Utc};
use domain::audit::By;
use domain::blocks::{BlockKind, NewBlock};
use serde_json::{Value, json};
use store::blocks::Block;

/// The audit log's name for a block or bypass: `user ann@example.com`.
pub(super) fn object(kind: BlockKind, value: &str) -> String {
    format!("{kind} {value}")
}

/// A block as stored in the audit log.
pub(super) fn document(block: &Block) -> Value {
    let mut document = json!({
        "id": block.id, "kind": block.kind.as_str(), "value": block.value,
        "until": block.until, "reason": block.reason,
    });
    if let (Some(channel), Some(map)) = (block.only_channel, document.as_object_mut()) {
        map.insert("only_channel".to_owned(), json!(channel.as_str()));
    }
    document
}

/// The row of a new block.
pub(super) fn row(new: &NewBlock, by: &By, now: DateTime<Utc>) -> Block {
    Block {
        id: store::random::uuid(),
        kind: new.target.kind(),
        value: new.target.value().to_owned(),
        key: new.target.key().to_owned(),
        only_channel: new.only_channel,
        since: now,
        until: new.until,
        by: by.actor.to_string(),
        reason: new.reason.clone(),
        auto: false,
        end: None,
    }
}
