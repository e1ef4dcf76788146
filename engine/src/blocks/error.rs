//! Errors of blocks and bypasses.

use chrono::{DateTime, Utc};
use domain::Invalid;
use store::blocks::Block;
use store::bypasses::Bypass;

/// Why nothing was blocked, unblocked or bypassed.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The input is not valid.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The target is already blocked.
    #[error("is blocked already, {}", until(.0.until))]
    AlreadyBlocked(Box<Block>),
    /// No block or bypass has this id, or it has ended.
    #[error("there is no active one")]
    Missing,
    /// The target has a bypass that can still be used.
    #[error("has a bypass already, {}", until(Some(.0.until)))]
    AlreadyBypassed(Box<Bypass>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// How long something lasts, in words.
pub(super) fn until(time: Option<DateTime<Utc>>) -> String {
    match time {
        Some(time) => format!("until {}", time.format("%-d %b %Y, %H:%M UTC")),
        None => "until somebody unblocks".to_owned(),
    }
}
