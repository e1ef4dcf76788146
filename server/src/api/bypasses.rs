//! `/api/v1/bypasses`: who is let through once (contract, section 6).

use super::block_answers::BypassAnswer;
use super::block_asks::{Ask, Page, Why};
use super::document;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use domain::Fault;
use domain::blocks::NewBypass;
use engine::Engine;
use engine::blocks::BlockError;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use store::blocks::After;
use store::bypasses::{Bypass, Filter};
use uuid::Uuid;

/// Several of them; further ones begin at `next`.
#[derive(Serialize)]
pub struct BypassesAnswer {
    bypasses: Vec<BypassAnswer>,
    next: Option<String>,
}

/// Bypasses, newest first: those that can still be used unless `state` is `ended` or `all`; up to
/// `limit` rows, further ones after the `cursor` that the answer ends with.
///
/// # Errors
/// 422 for what cannot be read.
pub async fn list(
    State(engine): State<Engine>,
    Query(ask): Query<Ask>,
) -> Result<Json<BypassesAnswer>, Problem> {
    let page = Page::read(&ask)?;
    let filter = Filter { live: page.live, keys: None };
    let now = engine.clock().now();
    let db = engine.db.read();
    let mut rows = store::bypasses::list(db, &filter, page.after, page.limit + 1, now).await?;
    let next = page.next(&mut rows, |row| After { time: row.since, id: row.id });
    let shown = |row: Bypass| {
        let end = row.ended(now);
        BypassAnswer::of(row, end)
    };
    Ok(Json(BypassesAnswer { bypasses: rows.into_iter().map(shown).collect(), next }))
}

/// Lets a user or a number through once, within so many seconds.
///
/// # Errors
/// 409 when they have a bypass already, with the bypass; 422 for what cannot be read.
pub async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<BypassAnswer>), Problem> {
    let json = document::read(&headers, body, document::SMALL).await?;
    let new = NewBypass::read_json(&json)?;
    let given = engine::blocks::bypass(&engine.db, &caller.by(), &new).await?;
    Ok((StatusCode::CREATED, Json(BypassAnswer::of(given, None))))
}

/// Takes a bypass back, for a reason; the bypass as it ended.
///
/// # Errors
/// 422 without a reason, 404 when there is none that could still be used.
pub async fn delete(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
    Query(why): Query<Why>,
) -> Result<Json<BypassAnswer>, Problem> {
    domain::blocks::reason(why.reason())?;
    let missing = || {
        let words = "there is no bypass of this id that could still be used";
        Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, words)
    };
    let id: Uuid = id.parse().map_err(|_| missing())?;
    let ended = engine::blocks::end_bypass(&engine.db, &caller.by(), id, why.reason()).await;
    let ended = ended.map_err(|error| match error {
        BlockError::Missing => missing(),
        error => error.into(),
    })?;
    let end = ended.end.clone();
    Ok(Json(BypassAnswer::of(ended, end)))
}

/// Answers with every member that there can be, for the description of the API.
#[cfg(test)]
pub(super) mod samples {
    use super::super::block_answers::samples::bypass;
    use super::*;

    pub fn list() -> BypassesAnswer {
        BypassesAnswer { bypasses: vec![bypass()], next: Some("x".to_owned()) }
    }
}
