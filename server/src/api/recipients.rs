//! `/api/v1/recipients`: whom alerts reach (contract, section 6).

use super::document;
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use chrono::{DateTime, Utc};
use domain::Fault;
use domain::notify::{AlertKind, NewRecipient, Reach, RecipientChange};
use engine::Engine;
use engine::notify::RecipientError;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use store::recipients::Row;
use uuid::Uuid;

/// A recipient, as it is answered. Without `Debug`: no secret reaches logs.
#[derive(Serialize)]
pub struct RecipientAnswer {
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

/// All of them.
#[derive(Serialize)]
pub struct RecipientsAnswer {
    recipients: Vec<RecipientAnswer>,
}

/// Every recipient, the first added first. Secrets are never among the answers.
///
/// # Errors
/// When the store refuses.
pub async fn list(State(engine): State<Engine>) -> Result<Json<RecipientsAnswer>, Problem> {
    let rows = store::recipients::list(engine.db.read()).await?;
    let recipients = rows.into_iter().map(RecipientAnswer::from).collect();
    Ok(Json(RecipientsAnswer { recipients }))
}

/// Adds a recipient. A webhook's secret is in this answer and in no other.
///
/// # Errors
/// 422 for what cannot be read, an address that is taken, or one that may not be reached.
pub async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<RecipientAnswer>), Problem> {
    let json = document::read(&headers, body, document::SMALL).await?;
    let new = NewRecipient::read(&json)?;
    let (row, secret) = engine.notify.add(&caller.by(), new).await?;
    let secret = secret.map(|secret| secret.reveal());
    Ok((StatusCode::CREATED, Json(RecipientAnswer { secret, ..row.into() })))
}

/// Changes which alerts a recipient gets, pauses or resumes it.
///
/// # Errors
/// 404, 422.
pub async fn patch(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RecipientAnswer>, Problem> {
    let json = document::read(&headers, body, document::SMALL).await?;
    let change = RecipientChange::read(&json)?;
    let row = engine.notify.change(&caller.by(), read(&id)?, change).await?;
    Ok(Json(row.into()))
}

/// Removes a recipient; what waits for it is not sent.
///
/// # Errors
/// 404.
pub async fn delete(
    State(engine): State<Engine>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    engine.notify.remove(&caller.by(), read(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn read(id: &str) -> Result<Uuid, RecipientError> {
    id.parse().map_err(|_| RecipientError::Missing)
}

impl From<RecipientError> for Problem {
    fn from(error: RecipientError) -> Self {
        match error {
            RecipientError::Invalid(invalid) => invalid.into(),
            RecipientError::Missing => {
                let words = "there is no recipient of this id";
                Self::new(StatusCode::NOT_FOUND, Fault::NotFound, words)
            }
            RecipientError::Store(error) => error.into(),
        }
    }
}

/// Answers with every member that there can be, for the description of the API.
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
