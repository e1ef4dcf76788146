//! `/api/v1/bypasses`: who is let through once (contract, section 6).

use super::blocks::{Ask, Fields, Page, Why, both, put, put_end, refusal, require};
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::Invalid;
use domain::audit::By;
use domain::blocks::NewBypass;
use engine::Engine;
use engine::accounts::ClientAddress;
use engine::blocks::BlockError;
use engine::keys::KeyHolder;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use store::blocks::{After, End};
use store::bypasses::{Bypass, Filter};
use uuid::Uuid;

/// Bypasses, newest first: those that can still be used unless `state` is `ended` or `all`; up to
/// `limit` rows, further ones after the `cursor` that the answer ends with.
///
/// # Errors
/// 422 for what cannot be read.
pub async fn list(
    State(engine): State<Engine>,
    Query(ask): Query<Ask>,
) -> Result<Json<Value>, Problem> {
    let page = Page::read(&ask).map_err(|invalid| Problem::invalid(&invalid))?;
    let filter = Filter { live: page.live, keys: None };
    let now = engine.clock().now();
    let db = engine.db.read();
    let mut rows = store::bypasses::list(db, &filter, page.after, page.limit + 1, now)
        .await
        .map_err(|error| Problem::internal(&error))?;
    let next = page.next(&mut rows, |row| After { time: row.since, id: row.id });
    let rows: Vec<Value> = rows.iter().map(|row| shown(row, row.ended(now))).collect();
    Ok(Json(json!({ "bypasses": rows, "next": next })))
}

/// Lets a user or a number through once, within so many seconds.
///
/// # Errors
/// 409 when they have a bypass already, with the bypass; 422 for what cannot be read.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let fields = Fields::of(&headers, body, &["kind", "value", "seconds", "reason"]).await?;
    let mut invalid = Invalid::default();
    let [kind, value, reason] =
        ["kind", "value", "reason"].map(|name| fields.text(name, &mut invalid));
    require(kind, &mut invalid);
    let seconds = fields.whole("seconds", &mut invalid);
    let new = both(NewBypass::read(kind, value, seconds, reason), invalid)?;
    let by = By::key(&key.name, from);
    let given = engine::blocks::bypass(&engine.db, &by, &new).await.map_err(refusal)?;
    Ok((StatusCode::CREATED, Json(shown(&given, None))))
}

/// Takes a bypass back, for a reason; the bypass as it ended.
///
/// # Errors
/// 422 without a reason, 404 when there is none that could still be used.
pub async fn delete(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(id): Path<String>,
    Query(why): Query<Why>,
) -> Result<Json<Value>, Problem> {
    domain::blocks::reason(why.reason()).map_err(|invalid| Problem::invalid(&invalid))?;
    let id: Uuid = id.parse().map_err(|_| refusal(BlockError::NotBypassed))?;
    let by = By::key(&key.name, from);
    let ended = engine::blocks::end_bypass(&engine.db, &by, id, why.reason()).await;
    let ended = ended.map_err(refusal)?;
    let end = ended.end.clone();
    Ok(Json(shown(&ended, end)))
}

pub(super) fn shown(bypass: &Bypass, end: Option<End>) -> Value {
    let mut shown = json!({
        "id": bypass.id,
        "kind": bypass.kind.as_str(),
        "value": bypass.value,
        "since": bypass.since,
        "until": bypass.until,
        "by": bypass.by,
        "reason": bypass.reason,
    });
    put(&mut shown, "used", bypass.used.map(|used| json!(used)));
    put_end(&mut shown, end);
    shown
}
