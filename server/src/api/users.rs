//! `GET /api/v1/users/{user}/block`: whether a user is blocked (contract, section 5).

use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, Target};
use domain::{Channel, Invalid};
use engine::Engine;
use serde::Serialize;

/// Whether a user is blocked, until when and why.
#[derive(Debug, Default, Serialize)]
pub struct BlockedAnswer {
    blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_channel: Option<Channel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Whether a user is blocked, by whichever of the user's names; `only_channel` instead where one
/// channel is left.
///
/// # Errors
/// 422 for what is no user's name.
pub async fn block(
    State(engine): State<Engine>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<BlockedAnswer>, Problem> {
    let user = Target::parse(BlockKind::User, &user).map_err(|words| {
        let fault = domain::blocks::fault(Some(BlockKind::User), &user);
        Invalid::one("user", fault, words)
    })?;
    let block = engine::blocks::of_user(&engine.db, user.key()).await?;
    let answer = block.map(|block| BlockedAnswer {
        blocked: block.only_channel.is_none(),
        until: block.until,
        only_channel: block.only_channel,
        // People wrote the reason: it may hold numbers.
        reason: Some(caller.sight().said(&block.reason)),
    });
    Ok(Json(answer.unwrap_or_default()))
}

/// Answers with every member that there can be, for the description of the API.
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
