//! `POST /api/v1/fraud-reports`: a user says that a sign-in was not theirs (contract, section 5).

use super::{document, intake};
use crate::caller::Caller;
use crate::problem::Problem;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::fraud_alerts::{Action, NewReport};
use engine::Engine;
use engine::fraud_alerts::{Answer, From, Refusal};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::json;
use store::fraud_reports::Answered;
use uuid::Uuid;

/// What a report led to.
#[derive(Debug, Serialize)]
struct ReportAnswer {
    report: Uuid,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
}

/// Takes a report and answers when it is durable.
///
/// # Errors
/// See the contract, section 5.
pub async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let json = document::read(&headers, body, document::SMALL).await?;
    let report = NewReport::read(&json, engine.clock().now())?;
    let source = intake::source_of(&caller.key)?;
    let from = From { source, by: caller.by(), key: caller.key.id };
    match engine.fraud_reports.submit(from, report).await? {
        Answer::New(answered) => Ok((StatusCode::CREATED, told(answered)).into_response()),
        Answer::Known(answered) => Ok(told(answered).into_response()),
        Answer::Refused(Refusal::Off) => Err(Problem::new(
            StatusCode::CONFLICT,
            Refusal::Off.fault(),
            "users may not submit fraud alerts; an admin can allow it",
        )),
        Answer::Refused(Refusal::WrongCode) => {
            let fault = Refusal::WrongCode.fault();
            let message = "must be the code to report fraud of the settings";
            let errors = Invalid::one("code", fault, message).fields;
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault, format!("code: {message}"))
                .with("errors", json!(errors)))
        }
    }
}

fn told(answered: Answered) -> Json<ReportAnswer> {
    let Answered { id: report, action, until } = answered;
    Json(ReportAnswer { report, action, until })
}

/// Answers with every member that there can be, for the description of the API.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn report() -> impl Serialize {
        let until = Some(DateTime::UNIX_EPOCH);
        ReportAnswer { report: Uuid::nil(), action: Action::Blocked, until }
    }
}
