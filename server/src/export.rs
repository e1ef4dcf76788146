//! Reports over HTTP: `/export/{report}` for the console, `GET /api/v1/reports/{name}` for keys.

use crate::problem::Problem;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Invalid;
use domain::audit::By;
use domain::reports::{Question, Report};
use domain::roles::{Permission, Scope, allows};
use domain::workbook::Sight;
use engine::Engine;
use engine::accounts::{Account, ClientAddress};
use engine::keys::KeyHolder;
use engine::reports::{self, Refused};
use http::{HeaderMap, StatusCode, header};

/// The console's export, numbers as the account's role may see them.
///
/// # Errors
/// 404 for a report there is none of. What cannot be answered is 422; a browser that was going to
/// a page is sent to the reports' own, which tells it beside the fields.
pub async fn for_account(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let whole = allows(account.role, Permission::WholeNumbers);
    let (sight, by) = (sight(whole), By::account(&account.email, from));
    let report = named(&name)?;
    let pairs = pairs(query.as_deref());
    match answer(&engine, by, &account.email, report, &pairs, sight).await {
        Err(Cause::Invalid(invalid)) if goes_to_a_page(&headers) => {
            Ok(Redirect::to(&app::reports::told(report, &pairs, &invalid)).into_response())
        }
        answer => answer.map_err(Problem::from),
    }
}

/// The API's report, numbers as the key's scopes allow.
///
/// # Errors
/// 404 for a report there is none of, 422 for what cannot be read or has no room in its format.
pub async fn for_key(
    State(engine): State<Engine>,
    Extension(key): Extension<KeyHolder>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let sight = sight(key.scopes.contains(&Scope::Numbers));
    let (by, who) = (By::key(&key.name, from), format!("key {}", key.name));
    let (report, pairs) = (named(&name)?, pairs(query.as_deref()));
    Ok(answer(&engine, by, &who, report, &pairs, sight).await?)
}

fn sight(whole: bool) -> Sight {
    if whole { Sight::Whole } else { Sight::Masked }
}

fn named(name: &str) -> Result<Report, Problem> {
    name.parse().map_err(|allowed| {
        Problem::new(StatusCode::NOT_FOUND, "no_such_report", format!("the report {allowed}"))
    })
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// Whether a person waits for a page rather than a program for an answer.
fn goes_to_a_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Why there is no report.
enum Cause {
    Invalid(Invalid),
    Problem(Problem),
}

impl From<Invalid> for Cause {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Problem> for Cause {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refused> for Cause {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Invalid(invalid) => Self::Invalid(invalid),
            Refused::Store(error) => Self::Problem(Problem::internal(&error)),
        }
    }
}

impl From<Cause> for Problem {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Invalid(invalid) => Self::invalid(&invalid),
            Cause::Problem(problem) => problem,
        }
    }
}

async fn answer(
    engine: &Engine,
    by: By,
    who: &str,
    report: Report,
    pairs: &[(String, String)],
    sight: Sight,
) -> Result<Response, Cause> {
    let key = engine.handles.key().await.map_err(|error| Problem::internal(&error))?;
    let question = Question::read(report, pairs, &key, sight, engine.clock().now())?;
    reports::fits(&engine.db, &question).await?;
    // Nobody has it who is not on the record.
    let noted = engine.audit.log.note(by, reports::told(&question)).await;
    noted.map_err(|error| Problem::internal(&error))?;
    let format = question.format;
    let mut pieces = reports::stream(&engine.db, question, sight, who);
    let body =
        Body::from_stream(futures::stream::poll_fn(move |context| pieces.poll_recv(context)));
    let file = format!("attachment; filename=\"{report}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}
