//! `/api/v1/blocks`: whom and what the gate refuses (contract, sections 5 and 6).

use super::block_answers::BlockAnswer;
use super::block_asks::{Ask, Page, Why};
use super::document;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use domain::blocks::NewBlock;
use engine::Engine;
use engine::blocks::BlockError;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use store::blocks::{After, Block, Filter};
use uuid::Uuid;

/// Several of them; further ones begin at `next`.
#[derive(Serialize)]
pub struct BlocksAnswer {
    blocks: Vec<BlockAnswer>,
    next: Option<String>,
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

/// Answers with every member that there can be, for the description of the API.
#[cfg(test)]
pub(super) mod samples {
    use super::super::block_answers::samples::block;
    use super::*;

    pub fn list() -> BlocksAnswer {
        BlocksAnswer { blocks: vec![block()], next: None }
    }
}
