//! `/api/v1/bypasses`: who is let through once (contract, section 6).

use super::block_answers::BypassAnswer;
use super::block_asks::{DeleteQuery, ListQuery, Page};
use super::document::Document;
use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::extract::{Path, Query, State};
use domain::blocks::NewBypass;
use engine::Engine;
use engine::blocks::BlockError;
use http::StatusCode;
use serde::Serialize;
use store::After;
use store::bypasses::{Bypass, Filter};

/// One page; `next` is the cursor of the following page.
#[derive(Serialize)]
pub(crate) struct BypassesAnswer {
    bypasses: Vec<BypassAnswer>,
    next: Option<String>,
}

/// Lists bypasses, newest first: only usable ones unless `state` is `ended` or `all`.
///
/// # Errors
/// 422 for invalid parameters.
pub(crate) async fn list(
    State(engine): State<Engine>,
    Query(ask): Query<ListQuery>,
) -> Result<Json<BypassesAnswer>, Failure> {
    let page = Page::read(&ask)?;
    let filter = Filter { live: page.live, keys: None };
    let now = engine.clock().now();
    let db = engine.db.read();
    let mut rows = store::bypasses::list(db, &filter, page.after, page.limit + 1, now).await?;
    let next = page.next(&mut rows, |row| After { time: row.since, id: row.id });
    let shown = |row: Bypass| Bypass { end: row.ended(now), ..row }.into();
    Ok(Json(BypassesAnswer { bypasses: rows.into_iter().map(shown).collect(), next }))
}

/// Lets a user or a number through once, within a number of seconds.
///
/// # Errors
/// 409 with the present bypass if there is one, 422 for invalid fields.
pub(crate) async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    Document(json): Document,
) -> Result<(StatusCode, Json<BypassAnswer>), Failure> {
    let new = NewBypass::read_json(&json)?;
    let given = engine::blocks::bypass(&engine.db, &caller.by(), &new).await?;
    Ok((StatusCode::CREATED, Json(given.into())))
}

/// Ends a bypass, for a reason, and returns it.
///
/// # Errors
/// 422 without a reason, 404 if no usable bypass has this id.
pub(crate) async fn delete(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
    Query(why): Query<DeleteQuery>,
) -> Result<Json<BypassAnswer>, Failure> {
    domain::blocks::reason(why.reason())?;
    let told = |error| match error {
        BlockError::Missing => Failure::not_found("there is no open bypass with this id"),
        error => error.into(),
    };
    let id = id.parse().map_err(|_| told(BlockError::Missing))?;
    let ended = engine::blocks::end_bypass(&engine.db, &caller.by(), id, why.reason()).await;
    Ok(Json(ended.map_err(told)?.into()))
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::super::block_answers::samples::bypass;
    use super::*;

    pub fn list() -> BypassesAnswer {
        BypassesAnswer { bypasses: vec![bypass()], next: Some("x".to_owned()) }
    }
}
