//! `POST /api/v1/fraud-reports`: a user says that a sign-in was not theirs (contract, section 5).

use super::document::Document;
use super::intake;
use crate::caller::Caller;
use crate::failure::Failure;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::fraud_alerts::{Action, NewReport};
use engine::Engine;
use engine::fraud_alerts::{Refusal, ReportResult, ReportSender};
use http::StatusCode;
use serde::Serialize;
use store::fraud_reports::FirstAnswer;
use uuid::Uuid;

/// The consequence of a report.
#[derive(Debug, Serialize)]
struct ReportAnswer {
    report: Uuid,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<DateTime<Utc>>,
}

/// Records a report and answers after the commit.
///
/// # Errors
/// 409 if users may not report fraud, 422 for invalid fields or a wrong code, 429 or 503 if it
/// cannot be written now; see [`Document`] for the body.
pub(crate) async fn post(
    State(engine): State<Engine>,
    caller: Caller,
    Document(json): Document,
) -> Result<Response, Failure> {
    let report = NewReport::read(&json, engine.clock().now())?;
    let source = intake::source_of(&caller.key)?;
    let from = ReportSender { source, by: caller.by(), key: caller.key.id };
    match engine.fraud_reports.submit(from, report).await? {
        ReportResult::New(answered) => Ok((StatusCode::CREATED, answer(answered)).into_response()),
        ReportResult::Known(answered) => Ok(answer(answered).into_response()),
        ReportResult::Refused(Refusal::Off) => Err(Failure::new(
            StatusCode::CONFLICT,
            Refusal::Off.fault(),
            "users may not submit fraud alerts; an admin can allow it",
        )),
        ReportResult::Refused(Refusal::WrongCode) => {
            let fault = Refusal::WrongCode.fault();
            let message = "must be the code to report fraud of the settings";
            let words = format!("code: {message}");
            Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, fault, words)
                .errors(Invalid::one("code", fault, message)))
        }
    }
}

fn answer(answered: FirstAnswer) -> Json<ReportAnswer> {
    let FirstAnswer { id: report, action, until } = answered;
    Json(ReportAnswer { report, action, until })
}

/// Answers with all optional members, for the test against the API's description.
#[cfg(test)]
pub(super) mod samples {
    use super::*;

    pub fn report() -> impl Serialize {
        let until = Some(DateTime::UNIX_EPOCH);
        ReportAnswer { report: Uuid::nil(), action: Action::Blocked, until }
    }
}
