//! `GET /api/v1/users/{user}/block`: whether a user is blocked (contract, section 5).

use crate::problem::Problem;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::Invalid;
use domain::blocks::{BlockKind, Target};
use domain::workbook::Sight;
use engine::Engine;
use engine::keys::KeyHolder;
use serde_json::{Map, Value, json};

/// Whether a user is blocked, by whichever of the user's names; `only_channel` instead where one
/// channel is left.
///
/// # Errors
/// 422 for what is no user's name.
pub async fn block(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Path(user): Path<String>,
) -> Result<Json<Value>, Problem> {
    let user = Target::parse(BlockKind::User, &user).map_err(|words| {
        let fault = domain::blocks::fault(Some(BlockKind::User), &user);
        Problem::invalid(&Invalid::one("user", fault, words))
    })?;
    let block = engine::blocks::of_user(&engine.db, user.key())
        .await
        .map_err(|error| Problem::internal(&error))?;
    // People wrote the reason: it may hold numbers.
    let sight = Sight::of_scopes(&key.scopes);
    let mut answer = Map::new();
    let refused = block.as_ref().is_some_and(|block| block.only_channel.is_none());
    answer.insert("blocked".to_owned(), json!(refused));
    if let Some(block) = block {
        if let Some(until) = block.until {
            answer.insert("until".to_owned(), json!(until));
        }
        if let Some(channel) = block.only_channel {
            answer.insert("only_channel".to_owned(), json!(channel.as_str()));
        }
        answer.insert("reason".to_owned(), json!(sight.text(&block.reason)));
    }
    Ok(Json(Value::Object(answer)))
}
