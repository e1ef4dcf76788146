//! The API's answers about blocks and bypasses.

use chrono::{DateTime, Utc};
use domain::Channel;
use domain::blocks::BlockKind;
use serde::Serialize;
use store::blocks::{Block, End};
use store::bypasses::Bypass;
use uuid::Uuid;

/// Has no `Debug`, so that whole numbers never reach logs.
#[derive(Serialize)]
pub(crate) struct BlockAnswer {
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

impl From<Block> for BlockAnswer {
    fn from(block: Block) -> Self {
        let Block { id, kind, value, only_channel, since, until, by, reason, auto, end, .. } =
            block;
        let end = end.map(EndAnswer::from);
        Self { id, kind, value, only_channel, since, until, by, reason, auto, end }
    }
}

/// Has no `Debug`, so that whole numbers never reach logs.
#[derive(Serialize)]
pub(crate) struct BypassAnswer {
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

impl From<Bypass> for BypassAnswer {
    fn from(bypass: Bypass) -> Self {
        let Bypass { id, kind, value, since, until, by, reason, used, end, .. } = bypass;
        let end = end.map(EndAnswer::from);
        Self { id, kind, value, since, until, by, reason, used, end }
    }
}

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

/// Answers with all optional members, for the test against the API's description.
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
