//! Why nothing was blocked.

use chrono::{DateTime, Utc};
use domain::Invalid;
use store::blocks::Block;
use store::bypasses::Bypass;

/// Why nothing was blocked, unblocked or bypassed.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// What was entered.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// It is blocked already.
    #[error("is blocked already, {}", until(.0.until))]
    AlreadyBlocked(Box<Block>),
    /// There is no block or bypass of this id, or it holds no more.
    #[error("there is none that holds")]
    Missing,
    /// It has a bypass that can still be used.
    #[error("has a bypass already, {}", until(Some(.0.until)))]
    AlreadyBypassed(Box<Bypass>),
    /// The store.
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
