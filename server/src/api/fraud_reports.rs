//! `POST /api/v1/fraud-reports`: a user says that a sign-in was not theirs (contract, section 5).

use super::{document, intake};
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use chrono::SecondsFormat;
use domain::audit::By;
use domain::fraud_alerts::NewReport;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::accounts::ClientAddress;
use engine::fraud_alerts::{Answer, From, Refusal, ReportError};
use engine::keys::KeyHolder;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use store::fraud_reports::Answered;

/// Bytes of a report at most.
const LIMIT: usize = 16 << 10;

/// Takes a report and answers when it is durable.
///
/// # Errors
/// See the contract, section 5.
pub async fn post(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(ip)): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let fields = document::read(&headers, body, LIMIT).await?;
    let report = NewReport::read(&fields, engine.clock().now())
        .map_err(|invalid| Problem::invalid(&invalid))?;
    let from = From { source: intake::source_of(&key)?, by: By::key(&key.name, ip), key: key.id };
    match engine.fraud_reports.submit(from, report).await.map_err(refusal)? {
        Answer::New(answered) => Ok((StatusCode::CREATED, told(&answered)).into_response()),
        Answer::Known(answered) => Ok(told(&answered).into_response()),
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

fn told(answered: &Answered) -> Json<serde_json::Value> {
    let mut told = json!({ "report": answered.id, "action": answered.action });
    if let Some(until) = answered.until {
        told["until"] = json!(until.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    }
    Json(told)
}

fn refusal(error: ReportError) -> Problem {
    match &error {
        ReportError::Full => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, Fault::QueueFull, error.to_string())
                .retry_after(1)
        }
        ReportError::Stopping => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, Fault::Stopping, error.to_string())
                .retry_after(5)
        }
        ReportError::Store(cause) => {
            tracing::error!(error = %cause, "a fraud report could not be written");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                Fault::StoreUnavailable,
                "the report could not be written; send it again under the same id",
            )
            .retry_after(5)
        }
    }
}
