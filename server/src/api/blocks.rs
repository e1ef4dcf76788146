//! `/api/v1/blocks`: who and what the gate refuses (contract, sections 5 and 6).

use super::block_answers::BlockAnswer;
use super::block_asks::{DeleteQuery, ListQuery, Page};
use super::document::Document;
use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::extract::{Path, Query, State};
use domain::blocks::NewBlock;
use engine::Engine;
use engine::blocks::BlockError;
use http::StatusCode;
use serde::Serialize;
use store::After;
use store::blocks::{Block, Filter};

/// One page; `next` is the cursor of the following page.
#[derive(Serialize)]
pub(crate) struct BlocksAnswer {
    blocks: Vec<BlockAnswer>,
    next: Option<String>,
}

/// Lists blocks, newest first: only those in force unless `state` is `ended` or `all`.
///
/// # Errors
/// 422 for invalid parameters.
pub(crate) async fn list(
    State(engine): State<Engine>,
    Query(ask): Query<ListQuery>,
) -> Result<Json<BlocksAnswer>, Failure> {
    let page = Page::read(&ask)?;
    let filter = Filter { live: page.live, kind: page.kind, keys: None };
    let now = engine.clock().now();
    let db = engine.db.read();
    let mut rows = store::blocks::list(db, &filter, page.after, page.limit + 1, now).await?;
    let next = page.next(&mut rows, |row| After { time: row.since, id: row.id });
    let shown = |row: Block| Block { end: row.ended(now), ..row }.into();
    Ok(Json(BlocksAnswer { blocks: rows.into_iter().map(shown).collect(), next }))
}

/// Blocks a user, a number or a block of numbers. `extend` replaces a present block; `only_channel`
/// names a channel that stays allowed.
///
/// # Errors
/// 409 with the present block if there is one, 422 for invalid fields.
pub(crate) async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    Document(json): Document,
) -> Result<(StatusCode, Json<BlockAnswer>), Failure> {
    let (new, instead) = NewBlock::read_json(&json, engine.clock().now())?;
    let block = engine::blocks::add(&engine.db, &caller.by(), &new, instead).await?;
    Ok((StatusCode::CREATED, Json(block.into())))
}

/// Ends a block, for a reason, and returns it.
///
/// # Errors
/// 422 without a reason, 404 if no block in force has this id.
pub(crate) async fn delete(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
    Query(why): Query<DeleteQuery>,
) -> Result<Json<BlockAnswer>, Failure> {
    domain::blocks::reason(why.reason())?;
    let id = id.parse().map_err(|_| BlockError::Missing)?;
    Ok(Json(engine::blocks::end(&engine.db, &caller.by(), id, why.reason()).await?.into()))
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::super::block_answers::samples::block;
    use super::*;

    pub fn list() -> BlocksAnswer {
        BlocksAnswer { blocks: vec![block()], next: None }
    }
}
