//! Uploads and downloads of the Rules page's lists, and the figures below its preview.

use crate::api::body;
use crate::failure::Failure;
use crate::headers;
use app::rules::{List, UploadResult, csv, figures_fragment, take_file};
use axum::extract::{Multipart, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use engine::Engine;
use serde::Deserialize;
use std::collections::BTreeMap;
use tower_sessions::Session;

/// The query of the figures: the draft that they are for.
#[derive(Debug, Deserialize)]
pub(crate) struct FiguresQuery {
    #[serde(default)]
    draft: String,
}

/// Takes a file of number rules; the page previews it.
///
/// # Errors
/// 400 if the form cannot be read, 500 or 503 if the session cannot be written.
pub(crate) async fn numbers(
    State(engine): State<Engine>,
    session: Session,
    parts: Multipart,
) -> Result<Response, Failure> {
    file(&engine, &session, List::Numbers, parts).await
}

/// Takes a file of prices; the page previews it.
///
/// # Errors
/// As for [`numbers`].
pub(crate) async fn prices(
    State(engine): State<Engine>,
    session: Session,
    parts: Multipart,
) -> Result<Response, Failure> {
    file(&engine, &session, List::Prices, parts).await
}

async fn file(
    engine: &Engine,
    session: &Session,
    list: List,
    mut parts: Multipart,
) -> Result<Response, Failure> {
    let mut fields = BTreeMap::new();
    while let Some(part) = parts.next_field().await.map_err(Failure::broken_form)? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let bytes = part.bytes().await.map_err(Failure::broken_form)?;
        // A file in another encoding gets an error for each wrong line.
        let text = String::from_utf8_lossy(&body::text(bytes)).into_owned();
        fields.insert(if name == "file" { "list".to_owned() } else { name }, text);
    }
    match take_file(engine, session, list, fields).await {
        UploadResult::GoOn(path) => Ok(Redirect::to(&path).into_response()),
        UploadResult::Failed(error) => Err(Failure::internal(&std::io::Error::other(error))),
    }
}

/// Number rules as a CSV file.
///
/// # Errors
/// 500 or 503 if the store fails.
pub(crate) async fn numbers_csv(State(engine): State<Engine>) -> Result<Response, Failure> {
    list_file(&engine, List::Numbers, "number-rules.csv").await
}

/// Prices as a CSV file.
///
/// # Errors
/// 500 or 503 if the store fails.
pub(crate) async fn prices_csv(State(engine): State<Engine>) -> Result<Response, Failure> {
    list_file(&engine, List::Prices, "prices.csv").await
}

async fn list_file(engine: &Engine, list: List, name: &str) -> Result<Response, Failure> {
    Ok(headers::download(name, "text/csv; charset=utf-8", csv(engine, list).await?))
}

/// The figures of a draft, or the progress of computing them.
///
/// # Errors
/// 500 or 503 if the session or the store cannot be read.
pub(crate) async fn figures(
    State(engine): State<Engine>,
    session: Session,
    Query(of): Query<FiguresQuery>,
) -> Result<Html<String>, Failure> {
    let html = figures_fragment(&engine, &session, &of.draft).await;
    html.map(Html).map_err(|error| Failure::internal(&*error))
}
