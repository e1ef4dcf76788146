//! `/api/v1/recipients`: who gets alerts (contract, section 6).

use super::document::Document;
use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use domain::notify::{AlertKind, NewRecipient, Reach, RecipientChange};
use engine::Engine;
use engine::notify::RecipientError;
use http::StatusCode;
use serde::Serialize;
use store::recipients::Row;
use uuid::Uuid;

/// Has no `Debug`, so that no secret reaches logs.
#[derive(Serialize)]
pub(crate) struct RecipientAnswer {
    id: Uuid,
    kind: Reach,
    address: String,
    events: Vec<AlertKind>,
    paused: bool,
    stopped: Option<DateTime<Utc>>,
    created: DateTime<Utc>,
    created_by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<Row> for RecipientAnswer {
    fn from(row: Row) -> Self {
        let Row { id, kind, address, events, paused, stopped, created, created_by, .. } = row;
        Self { id, kind, address, events, paused, stopped, created, created_by, secret: None }
    }
}

#[derive(Serialize)]
pub(crate) struct RecipientsAnswer {
    recipients: Vec<RecipientAnswer>,
}

/// All recipients, oldest first, without secrets.
///
/// # Errors
/// 500 or 503 if the store fails.
pub(crate) async fn list(State(engine): State<Engine>) -> Result<Json<RecipientsAnswer>, Failure> {
    let rows = store::recipients::list(engine.db.read()).await?;
    let recipients = rows.into_iter().map(RecipientAnswer::from).collect();
    Ok(Json(RecipientsAnswer { recipients }))
}

/// Adds a recipient. Only this answer contains a webhook's secret.
///
/// # Errors
/// 422 for invalid fields, or an address that exists already or is not allowed.
pub(crate) async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    Document(json): Document,
) -> Result<(StatusCode, Json<RecipientAnswer>), Failure> {
    let new = NewRecipient::read(&json)?;
    let (row, secret) = engine.notify.add(&caller.by(), new).await?;
    let secret = secret.map(|secret| secret.reveal());
    Ok((StatusCode::CREATED, Json(RecipientAnswer { secret, ..row.into() })))
}

/// Changes which alerts a recipient gets, pauses or resumes it.
///
/// # Errors
/// 404 if there is no such recipient, 422 for invalid fields.
pub(crate) async fn patch(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
    Document(json): Document,
) -> Result<Json<RecipientAnswer>, Failure> {
    let change = RecipientChange::read(&json)?;
    let row = engine.notify.change(&caller.by(), read(&id)?, change).await?;
    Ok(Json(row.into()))
}

/// Removes a recipient; its waiting messages are not sent.
///
/// # Errors
/// 404 if there is no such recipient.
pub(crate) async fn delete(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    engine.notify.remove(&caller.by(), read(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read(id: &str) -> Result<Uuid, RecipientError> {
    id.parse().map_err(|_| RecipientError::Missing)
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn recipient() -> RecipientAnswer {
        RecipientAnswer {
            id: Uuid::nil(),
            kind: Reach::Webhook,
            address: "https://example.com/".to_owned(),
            events: AlertKind::ALL.to_vec(),
            paused: false,
            stopped: None,
            created: DateTime::UNIX_EPOCH,
            created_by: "key:admin".to_owned(),
            secret: Some("whsec_".to_owned()),
        }
    }

    pub fn list() -> RecipientsAnswer {
        RecipientsAnswer { recipients: vec![recipient()] }
    }
}
