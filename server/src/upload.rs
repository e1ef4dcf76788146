//! Files brought in through the console: `POST /imports`, the list's fragment, and the rejected
//! lines to download.

use crate::guard::still_admits;
use crate::problem::Problem;
use app::form::Form;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Multipart, Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::audit::By;
use domain::doors::Door;
use domain::sources::Dates;
use domain::workbook::Sight;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::accounts::{Account, ClientAddress};
use engine::imports::{NewFile, UploadError};
use http::{StatusCode, header};
use tower_sessions::Session;
use uuid::Uuid;

/// Takes a file into the spool as it arrives and goes back to the page, where the job is listed.
///
/// # Errors
/// When the session cannot be written; what is wrong with the file is told on the page.
pub async fn take(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Extension(door): Extension<&'static Door>,
    session: Session,
    parts: Multipart,
) -> Result<Response, Problem> {
    let back = Redirect::to("/settings#import").into_response();
    let taken = match spool(&engine, By::account(&account.email, from), parts).await {
        // It may have taken hours to arrive.
        Ok(file) => match still_admits(door, &session).await {
            Ok(true) => file.finish().await,
            Ok(false) => Err(UploadError::Refused(
                "Your session has ended meanwhile, so the file was not taken.".to_owned(),
            )),
            Err(error) => return Err(Problem::internal(&error)),
        },
        Err(error) => Err(error),
    };
    match taken {
        Ok(()) => {}
        Err(UploadError::Refused(why)) => {
            let form = Form { page: "/settings", path: "/settings#import", name: "import" };
            form.keep(&session, Invalid::one("file", Fault::Unreadable, why))
                .await
                .map_err(|error| Problem::internal(&error))?;
        }
        Err(UploadError::Failed(error)) => return Err(Problem::internal(&error)),
    }
    Ok(back)
}

async fn spool(engine: &Engine, by: By, mut parts: Multipart) -> Result<NewFile, UploadError> {
    let broken =
        |_| UploadError::Refused("The file did not arrive whole. Send it again.".to_owned());
    let (mut dates, mut file) = (Dates::default(), None);
    while let Some(mut field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => {}
            Some("dates") => {
                let mut word = Vec::new();
                while let Some(piece) = field.chunk().await.map_err(broken)? {
                    // Longer than any word there is, it is none.
                    word.extend_from_slice(&piece[..piece.len().min(16)]);
                    word.truncate(16);
                }
                let word = std::str::from_utf8(&word).ok().and_then(|word| word.parse().ok());
                dates = word.ok_or_else(|| {
                    UploadError::Refused("Choose how the file writes dates.".to_owned())
                })?;
                continue;
            }
            _ => continue,
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut new: NewFile = engine.imports.receive(&name, by.clone()).await?;
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            new.write(&piece).await?;
        }
        if file.replace(new).is_some() {
            let words = "Send one file at a time; nothing was taken.";
            return Err(UploadError::Refused(words.to_owned()));
        }
    }
    let file = file.ok_or_else(|| UploadError::Refused("Choose a file.".to_owned()))?;
    Ok(file.dated(dates))
}

/// Imports and sources alone, for the page to renew itself.
pub async fn list(State(engine): State<Engine>) -> Html<String> {
    Html(app::settings::intake_fragment(engine).await)
}

/// The lines of an import that were rejected, as CSV: line, reason.
///
/// # Errors
/// 404 when there is no such import, or its file has been tidied away.
pub async fn rejected(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let none = || {
        let words = "there are no rejected lines of it here";
        Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, words)
    };
    let id: Uuid = id.parse().map_err(|_| none())?;
    let file =
        engine.imports.rejected(id, Sight::of_role(account.role)).await.map_err(|_| none())?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"rejected.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from(file)).into_response())
}
