//! Reports over HTTP: `/export/{report}` for the console, `GET /api/v1/reports/{name}` for keys.

use crate::caller::Caller;
use crate::engine_errors::AWAY;
use crate::failure::{Failure, Reader};
use crate::headers::download;
use app::Assets;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use domain::audit::By;
use domain::reports::{Question, Report};
use domain::workbook::Sight;
use engine::Engine;
use engine::accounts::{Account, ClientAddress};
use engine::reports;
use futures::StreamExt as _;

/// The console's export, with numbers masked by the account's role.
///
/// # Errors
/// 404 for an unknown report, 503 while too many reports are being written, 422 for invalid
/// parameters; browsers are redirected to the reports page instead, which shows the errors next to
/// the fields.
pub(crate) async fn for_account(
    State(engine): State<Engine>,
    State(assets): State<Assets>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Failure> {
    let (sight, by) = (Sight::of_role(account.role), By::account(&account.email, from));
    let report = named(&name)?;
    let pairs = pairs(query.as_deref());
    let reader = Reader::of(&request);
    match answer(&engine, by, &account.email, report, &pairs, sight).await {
        Err(ref failure) if let Some(invalid) = failure.invalid().filter(|_| reader.html) => {
            Ok(Redirect::to(&app::reports::refused_url(report, &pairs, invalid)).into_response())
        }
        Err(failure) if failure.fault() == Fault::QueueFull => {
            let words = "Too many reports are being written at once. Try again in a few seconds.";
            let failure = Failure::unavailable(Fault::QueueFull, words, AWAY);
            Ok(failure.way_on("/reports", "Go to the reports").answer(&assets, &reader))
        }
        answer => answer,
    }
}

/// The API's report, with numbers masked by the key's scopes.
///
/// # Errors
/// 404 for an unknown report, 422 for invalid parameters or too many rows for the format, 503 while
/// too many reports are being written.
pub(crate) async fn for_key(
    State(engine): State<Engine>,
    caller: Caller,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (report, pairs) = (named(&name)?, pairs(query.as_deref()));
    let who = format!("key {}", caller.key.name);
    answer(&engine, caller.by(), &who, report, &pairs, caller.sight()).await
}

fn named(name: &str) -> Result<Report, Failure> {
    name.parse().map_err(|allowed| Failure::not_found(format!("the report {allowed}")))
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// The report ended without a byte and without an error, as the workbook library does when it
/// cannot write.
#[derive(Debug, thiserror::Error)]
#[error("a report ended before its first byte: the disk for temporary files may be full")]
struct Unwritten;

/// Records an export in the audit log. A large one also sends an alert, in the same transaction;
/// others are recorded in batches.
async fn note(engine: &Engine, by: By, question: &Question, rows: u64) -> Result<(), Failure> {
    if reports::note_large(&engine.db, &by, question, rows).await? {
        return Ok(());
    }
    Ok(engine.audit.log.note(by, reports::audit_entry(question)).await?)
}

async fn answer(
    engine: &Engine,
    by: By,
    who: &str,
    report: Report,
    pairs: &[(String, String)],
    sight: Sight,
) -> Result<Response, Failure> {
    let key = engine.handles.key().await?;
    let question = Question::read(report, pairs, &key, sight, engine.clock().now())?;
    // Counting needs a connection and a turn, too.
    let mut place = engine.reports.enter().await?;
    place.work().await;
    let rows = reports::count(&engine.db, &question).await?;
    // Record the export before its first byte is sent.
    note(engine, by, &question, rows).await?;
    let format = question.format;
    let mut pieces = reports::stream(&engine.db, question, sight, who, Some(place));
    // An error before the first byte, such as a full disk, gets its own answer; a later one can
    // only cut the file off. Every format has bytes, so an empty report is an error, too.
    let first = match pieces.recv().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(Failure::unwritten(&error)),
        None => return Err(Failure::unwritten(&Unwritten)),
    };
    let first = futures::stream::once(async move { Ok::<_, engine::Error>(first) });
    let rest = futures::stream::poll_fn(move |context| pieces.poll_recv(context));
    let body = Body::from_stream(first.chain(rest));
    Ok(download(&format!("{report}.{format}"), format.media_type(), body))
}
