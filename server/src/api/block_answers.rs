//! Blocks and bypasses, as they are answered, and what is answered when nothing was done.

use crate::problem::Problem;
use chrono::{DateTime, Utc};
use domain::blocks::BlockKind;
use domain::{Channel, Fault};
use engine::blocks::BlockError;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;
use store::blocks::{Block, End};
use store::bypasses::Bypass;
use uuid::Uuid;

/// A block, as it is answered. Without `Debug`: whole numbers never reach logs.
#[derive(Serialize)]
pub struct BlockAnswer {
    id: Uuid,
    kind: BlockKind,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_channel: Option<Channel>,
    since: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    by: String,
    reason: String,
    auto: bool,
    #[serde(flatten)]
    end: Option<EndAnswer>,
}

impl BlockAnswer {
    pub(super) fn of(block: Block, end: Option<End>) -> Self {
        let Block { id, kind, value, only_channel, since, until, by, reason, auto, .. } = block;
        let end = end.map(EndAnswer::from);
        Self { id, kind, value, only_channel, since, until, by, reason, auto, end }
    }
}

/// A bypass, as it is answered. Without `Debug`: whole numbers never reach logs.
#[derive(Serialize)]
pub struct BypassAnswer {
    id: Uuid,
    kind: BlockKind,
    value: String,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    by: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<DateTime<Utc>>,
    #[serde(flatten)]
    end: Option<EndAnswer>,
}

impl BypassAnswer {
    pub(super) fn of(bypass: Bypass, end: Option<End>) -> Self {
        let Bypass { id, kind, value, since, until, by, reason, used, .. } = bypass;
        let end = end.map(EndAnswer::from);
        Self { id, kind, value, since, until, by, reason, used, end }
    }
}

/// How a block or a bypass ended, as it is answered.
#[derive(Serialize)]
struct EndAnswer {
    ended: DateTime<Utc>,
    ended_by: String,
    end_reason: String,
}

impl From<End> for EndAnswer {
    fn from(end: End) -> Self {
        Self { ended: end.time, ended_by: end.by, end_reason: end.reason }
    }
}

/// What is answered when nothing was done.
impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        let words = error.to_string();
        match error {
            BlockError::Invalid(invalid) => invalid.into(),
            BlockError::AlreadyBlocked(block) => {
                let words = format!("{} {words}; `extend` replaces that block", block.value);
                let problem = Self::new(StatusCode::CONFLICT, Fault::Duplicate, words);
                problem.with("block", json!(BlockAnswer::of(*block, None)))
            }
            BlockError::Missing => {
                let words = "nothing of this id is blocked; it never was, or the block has ended";
                Self::new(StatusCode::NOT_FOUND, Fault::NotFound, words)
            }
            BlockError::AlreadyBypassed(bypass) => {
                let words = format!("{} {words}", bypass.value);
                Self::new(StatusCode::CONFLICT, Fault::Duplicate, words)
                    .with("bypass", json!(BypassAnswer::of(*bypass, None)))
            }
            BlockError::Store(error) => error.into(),
        }
    }
}

/// Answers with every member that there can be, for the description of the API.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    fn end() -> Option<EndAnswer> {
        let (ended_by, end_reason) = ("key:admin".to_owned(), "found".to_owned());
        Some(EndAnswer { ended: DateTime::UNIX_EPOCH, ended_by, end_reason })
    }

    pub fn block() -> BlockAnswer {
        BlockAnswer {
            id: Uuid::nil(),
            kind: BlockKind::User,
            value: "ann".to_owned(),
            only_channel: Some(Channel::Sms),
            since: DateTime::UNIX_EPOCH,
            until: Some(DateTime::UNIX_EPOCH),
            by: "key:admin".to_owned(),
            reason: "stolen".to_owned(),
            auto: false,
            end: end(),
        }
    }

    pub fn bypass() -> BypassAnswer {
        BypassAnswer {
            id: Uuid::nil(),
            kind: BlockKind::User,
            value: "ann".to_owned(),
            since: DateTime::UNIX_EPOCH,
            until: DateTime::UNIX_EPOCH,
            by: "key:admin".to_owned(),
            reason: "new phone".to_owned(),
            used: Some(DateTime::UNIX_EPOCH),
            end: end(),
        }
    }
}
