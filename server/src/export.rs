//! Reports over HTTP: `/export/{report}` for the console, `GET /api/v1/reports/{name}` for keys.

use crate::caller::Caller;
use crate::failure::{Failure, Reader};
use crate::problem::Problem;
use app::Assets;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::audit::By;
use domain::reports::{Question, Report};
use domain::workbook::Sight;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::accounts::{Account, ClientAddress};
use engine::reports::{self, Full, Refused};
use futures::StreamExt as _;
use http::{StatusCode, header};

/// When to ask again after there was no place for a report, in seconds.
const LATER: u64 = 5;
/// How it is told that there was none.
const FULL: (StatusCode, Fault) = (StatusCode::SERVICE_UNAVAILABLE, Fault::QueueFull);

/// The console's export, numbers as the account's role may see them.
///
/// # Errors
/// 404 for a report there is none of. What cannot be answered is 422; a browser that was going to
/// a page is sent to the reports' own, which tells it beside the fields. 503 while too many
/// reports are being written.
pub async fn for_account(
    State(engine): State<Engine>,
    State(assets): State<Assets>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let (sight, by) = (Sight::of_role(account.role), By::account(&account.email, from));
    let report = named(&name)?;
    let pairs = pairs(query.as_deref());
    let reader = Reader::of(&request);
    match answer(&engine, by, &account.email, report, &pairs, sight).await {
        // A person waits for a page rather than a program for an answer.
        Err(Cause::Invalid(invalid)) if reader.html => {
            Ok(Redirect::to(&app::reports::told(report, &pairs, &invalid)).into_response())
        }
        Err(Cause::Full(_)) => {
            let words = "As many reports are being written as may be at once. Ask again in a few \
                         seconds.";
            let failure = Failure::new(FULL.0, FULL.1, words).retry_after(LATER);
            Ok(failure.way_on("/reports", "Go to the reports").answer(&assets, &reader))
        }
        answer => answer.map_err(Problem::from),
    }
}

/// The API's report, numbers as the key's scopes allow.
///
/// # Errors
/// 404 for a report there is none of, 422 for what cannot be read or has no room in its format,
/// 503 while too many reports are being written.
pub async fn for_key(
    State(engine): State<Engine>,
    caller: Caller,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (report, pairs) = (named(&name)?, pairs(query.as_deref()));
    let who = format!("key {}", caller.key.name);
    Ok(answer(&engine, caller.by(), &who, report, &pairs, caller.sight()).await?)
}

fn named(name: &str) -> Result<Report, Problem> {
    name.parse().map_err(|allowed| {
        Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, format!("the report {allowed}"))
    })
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// Why there is no report.
enum Cause {
    Invalid(Invalid),
    Full(Full),
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

impl From<Full> for Cause {
    fn from(full: Full) -> Self {
        Self::Full(full)
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
            Cause::Invalid(invalid) => invalid.into(),
            Cause::Full(full) => Self::new(FULL.0, FULL.1, full.to_string()).retry_after(LATER),
            Cause::Problem(problem) => problem,
        }
    }
}

/// The writing ended without a byte and without an error: the library that packs workbooks stops
/// so when it cannot write.
#[derive(Debug, thiserror::Error)]
#[error("a report ended before its first byte: the disk for temporary files may be full")]
struct Unwritten;

/// A report that could not be begun.
fn unwritten(error: &(dyn std::error::Error + 'static)) -> Problem {
    let reference = store::random::uuid().simple().to_string();
    tracing::error!(error = store::whole(error), reference, "a report could not be written");
    let words = format!(
        "the report could not be written: the database or the disk cannot do this now; try again; \
         the server's log says more under {reference}"
    );
    Problem::new(FULL.0, Fault::StoreUnavailable, words).retry_after(LATER)
}

/// Puts an export on the record. A large one is told of in the same transaction; the others go
/// with what else is noted, many in one.
async fn note(engine: &Engine, by: By, question: &Question, rows: u64) -> Result<(), Problem> {
    if reports::note_large(&engine.db, &by, question, rows).await? {
        return Ok(());
    }
    let noted = engine.audit.log.note(by, reports::told(question)).await;
    noted.map_err(|error| Problem::internal(&error))
}

async fn answer(
    engine: &Engine,
    by: By,
    who: &str,
    report: Report,
    pairs: &[(String, String)],
    sight: Sight,
) -> Result<Response, Cause> {
    let key = engine.handles.key().await.map_err(Problem::from)?;
    let question = Question::read(report, pairs, &key, sight, engine.clock().now())?;
    // Counting what there is takes a connection, too, and a turn.
    let mut place = engine.reports.enter().await?;
    place.work().await;
    let rows = reports::count(&engine.db, &question).await?;
    // Nobody has it who is not on the record.
    note(engine, by, &question, rows).await?;
    let format = question.format;
    let mut pieces = reports::stream(&engine.db, question, sight, who, Some(place));
    // What goes wrong before anything is on its way, a full disk above all, has an answer of its
    // own; later it can only cut the file off. Every format has bytes: none at all is a failure.
    let first = match pieces.recv().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(unwritten(&error).into()),
        None => return Err(unwritten(&Unwritten).into()),
    };
    let first = futures::stream::once(async move { Ok::<_, engine::Error>(first) });
    let rest = futures::stream::poll_fn(move |context| pieces.poll_recv(context));
    let body = Body::from_stream(first.chain(rest));
    let file = format!("attachment; filename=\"{report}.{format}\"");
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, file),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}
