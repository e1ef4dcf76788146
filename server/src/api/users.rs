//! `GET /api/v1/users/{user}/block`: whether a user is blocked (contract, section 5).

use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, Target};
use domain::{Channel, Invalid};
use engine::Engine;
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
pub(crate) struct BlockedAnswer {
    blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_channel: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Looks a user up by any of their names. If one channel is still allowed, `blocked` is false and
/// `only_channel` names it.
///
/// # Errors
/// 422 for an invalid name.
pub(crate) async fn block(
    State(engine): State<Engine>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<BlockedAnswer>, Failure> {
    let user = Target::parse(BlockKind::User, &user).map_err(|words| {
        let fault = domain::blocks::fault(Some(BlockKind::User), &user);
        Invalid::one("user", fault, words)
    })?;
    let block = engine::blocks::of_user(&engine.db, user.key()).await?;
    let answer = block.map(|block| BlockedAnswer {
        blocked: block.only_channel.is_none(),
        until: block.until,
        only_channel: block.only_channel,
        // People wrote the reason, so it may contain numbers.
        reason: Some(caller.sight().text_owned(&block.reason)),
    });
    Ok(Json(answer.unwrap_or_default()))
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn blocked() -> BlockedAnswer {
        BlockedAnswer {
            blocked: true,
            until: Some(DateTime::UNIX_EPOCH),
            only_channel: Some(Channel::Sms),
            reason: Some("stolen".to_owned()),
        }
    }
}
