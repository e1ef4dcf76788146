//! `/api/v1/blocks`: whom and what the gate refuses (contract, sections 5 and 6).

use super::bypasses::BypassAnswer;
use super::document;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, NewBlock};
use domain::{Channel, Fault, Invalid};
use engine::Engine;
use engine::blocks::BlockError;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::blocks::{After, Block, End, Filter};
use uuid::Uuid;

/// Rows of one answer, at most.
const ROWS_MAX: i64 = 500;
/// Rows of one answer when nobody says.
const ROWS: i64 = 100;

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

/// How a block or a bypass ended, as it is answered.
#[derive(Serialize)]
pub struct EndAnswer {
    ended: DateTime<Utc>,
    ended_by: String,
    end_reason: String,
}

impl From<End> for EndAnswer {
    fn from(end: End) -> Self {
        Self { ended: end.time, ended_by: end.by, end_reason: end.reason }
    }
}

/// Several of them; further ones begin at `next`.
#[derive(Serialize)]
pub struct BlocksAnswer {
    blocks: Vec<BlockAnswer>,
    next: Option<String>,
}

/// What a list is asked.
#[derive(Debug, Default, Deserialize)]
pub struct Ask {
    state: Option<String>,
    kind: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

/// Blocks, newest first: those that hold unless `state` is `ended` or `all`; of one `kind`; up to
/// `limit` rows, further ones after the `cursor` that the answer ends with.
///
/// # Errors
/// 422 for what cannot be read.
pub async fn list(
    State(engine): State<Engine>,
    Query(ask): Query<Ask>,
) -> Result<Json<BlocksAnswer>, Problem> {
    let page = Page::read(&ask)?;
    let filter = Filter { live: page.live, kind: page.kind, keys: None };
    let now = engine.clock().now();
    let db = engine.db.read();
    let mut rows = store::blocks::list(db, &filter, page.after, page.limit + 1, now).await?;
    let next = page.next(&mut rows, |row| After { time: row.since, id: row.id });
    let shown = |row: Block| {
        let end = row.ended(now);
        BlockAnswer::of(row, end)
    };
    Ok(Json(BlocksAnswer { blocks: rows.into_iter().map(shown).collect(), next }))
}

/// Blocks a user, a number or a block of numbers. With `extend` true a present block ends and this
/// one takes its place; with `only_channel` that one channel is still offered.
///
/// # Errors
/// 409 when it is blocked already, with the block; 422 for what cannot be read.
pub async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<BlockAnswer>), Problem> {
    let json = document::read(&headers, body, document::SMALL).await?;
    let (new, instead) = NewBlock::read_json(&json, engine.clock().now())?;
    let block = engine::blocks::add(&engine.db, &caller.by(), &new, instead).await?;
    Ok((StatusCode::CREATED, Json(BlockAnswer::of(block, None))))
}

/// Why something ends.
#[derive(Debug, Default, Deserialize)]
pub struct Why {
    reason: Option<String>,
}

impl Why {
    pub(super) fn reason(&self) -> &str {
        self.reason.as_deref().unwrap_or_default()
    }
}

/// Unblocks, for a reason; the block as it ended.
///
/// # Errors
/// 422 without a reason, 404 when nothing of this id is blocked.
pub async fn delete(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
    Query(why): Query<Why>,
) -> Result<Json<BlockAnswer>, Problem> {
    domain::blocks::reason(why.reason())?;
    let id: Uuid = id.parse().map_err(|_| BlockError::Missing)?;
    let block = engine::blocks::end(&engine.db, &caller.by(), id, why.reason()).await?;
    let end = block.end.clone();
    Ok(Json(BlockAnswer::of(block, end)))
}

/// What a list was asked, read.
pub(super) struct Page {
    pub(super) live: Option<bool>,
    kind: Option<BlockKind>,
    pub(super) after: Option<After>,
    pub(super) limit: i64,
}

impl Page {
    pub(super) fn read(ask: &Ask) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let live = match ask.state.as_deref() {
            None | Some("live") => Some(true),
            Some("ended") => Some(false),
            Some("all") => None,
            Some(_) => {
                invalid.push("state", Fault::InvalidChoice, "must be one of live, ended, all");
                None
            }
        };
        let kind = ask.kind.as_deref().map(str::parse).transpose();
        let kind = kind.map_err(|words: String| invalid.push("kind", Fault::InvalidChoice, words));
        let after = ask.cursor.as_deref().map(str::parse).transpose();
        let after = after.map_err(|words: &str| invalid.push("cursor", Fault::InvalidValue, words));
        let limit = ask.limit.as_deref().map_or(Ok(ROWS), str::parse::<i64>);
        let fault = match limit {
            Ok(limit) if (1..=ROWS_MAX).contains(&limit) => None,
            Ok(limit) => Some(Fault::outside(limit, 1)),
            Err(_) => Some(Fault::InvalidType),
        };
        if let Some(fault) = fault {
            invalid.push("limit", fault, format!("must be from 1 to {ROWS_MAX}"));
        }
        let (kind, after) = (kind.unwrap_or_default(), after.unwrap_or_default());
        invalid.or(Self { live, kind, after, limit: limit.unwrap_or(ROWS) })
    }

    /// Cuts what was read beyond the limit to see whether there is more; where that begins.
    pub(super) fn next<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> After) -> Option<String> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        rows.last().filter(|_| more).map(|row| place(row).to_string())
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

    pub fn end() -> Option<EndAnswer> {
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

    pub fn list() -> BlocksAnswer {
        BlocksAnswer { blocks: vec![block()], next: None }
    }
}
