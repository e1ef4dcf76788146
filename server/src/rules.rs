//! The Rules page's lists in and out as files, and the figures that follow its preview.

use crate::api::body;
use crate::problem::Problem;
use app::rules::{List, Taken, csv, figures_fragment, take_file};
use axum::extract::{Multipart, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::Fault;
use engine::Engine;
use http::header;
use serde::Deserialize;
use std::collections::BTreeMap;
use tower_sessions::Session;

/// Which change the figures are of.
#[derive(Debug, Deserialize)]
pub struct Of {
    #[serde(default)]
    draft: String,
}

/// Takes a file of number rules; the page shows what it would do.
///
/// # Errors
/// When the form cannot be read or the session cannot be written.
pub async fn numbers(
    State(engine): State<Engine>,
    session: Session,
    parts: Multipart,
) -> Result<Response, Problem> {
    file(&engine, &session, List::Numbers, parts).await
}

/// Takes a file of prices; the page shows what it would do.
///
/// # Errors
/// As [`numbers`].
pub async fn prices(
    State(engine): State<Engine>,
    session: Session,
    parts: Multipart,
) -> Result<Response, Problem> {
    file(&engine, &session, List::Prices, parts).await
}

async fn file(
    engine: &Engine,
    session: &Session,
    list: List,
    mut parts: Multipart,
) -> Result<Response, Problem> {
    let broken = |_| {
        Problem::bad_request(Fault::Unreadable, "The form did not arrive whole. Send it again.")
    };
    let mut fields = BTreeMap::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let bytes = part.bytes().await.map_err(broken)?;
        // A file of another encoding is wrong line by line, and told so.
        let text = String::from_utf8_lossy(&body::text(bytes)).into_owned();
        fields.insert(if name == "file" { "list".to_owned() } else { name }, text);
    }
    match take_file(engine, session, list, fields).await {
        Taken::GoOn(path) => Ok(Redirect::to(&path).into_response()),
        Taken::Failed(error) => Err(Problem::internal(&std::io::Error::other(error))),
    }
}

/// Number rules as a CSV file.
///
/// # Errors
/// When the store refuses.
pub async fn numbers_csv(State(engine): State<Engine>) -> Result<Response, Problem> {
    download(&engine, List::Numbers, "number-rules.csv").await
}

/// Prices as a CSV file.
///
/// # Errors
/// When the store refuses.
pub async fn prices_csv(State(engine): State<Engine>) -> Result<Response, Problem> {
    download(&engine, List::Prices, "prices.csv").await
}

async fn download(engine: &Engine, list: List, name: &str) -> Result<Response, Problem> {
    let text = csv(engine, list).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, text).into_response())
}

/// What a change would have done, or how far that is known.
///
/// # Errors
/// When the session or the store cannot be read.
pub async fn figures(
    State(engine): State<Engine>,
    session: Session,
    Query(of): Query<Of>,
) -> Result<Html<String>, Problem> {
    let html = figures_fragment(&engine, &session, &of.draft).await;
    html.map(Html).map_err(|error| Problem::internal(&*error))
}
