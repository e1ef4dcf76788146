//! Uploads in the console: `POST /imports`, the fragment that lists them, and the download of
//! rejected lines.

use crate::failure::Failure;
use crate::guard::still_admits;
use crate::headers::download;
use app::form::Form;
use axum::Extension;
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
use tower_sessions::Session;
use uuid::Uuid;

/// Streams a file into the spool and redirects to the page, which lists the job.
///
/// # Errors
/// 500 or 503 if the session or the spool cannot be written. The page shows what is wrong with the
/// file.
pub(crate) async fn take(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Extension(ClientAddress(from)): Extension<ClientAddress>,
    Extension(door): Extension<&'static Door>,
    session: Session,
    parts: Multipart,
) -> Result<Response, Failure> {
    let back = Redirect::to("/settings#import").into_response();
    let taken = match spool(&engine, By::account(&account.email, from), parts).await {
        // The upload may have taken hours.
        Ok(file) => match still_admits(door, &session).await? {
            true => file.finish().await,
            false => Err(UploadError::Refused(
                "Your session has ended in the meantime, so the file was not accepted.".to_owned(),
            )),
        },
        Err(error) => Err(error),
    };
    match taken {
        Ok(()) => {}
        Err(UploadError::Refused(why)) => {
            let form = Form { page: "/settings", path: "/settings#import", name: "import" };
            form.keep(&session, Invalid::one("file", Fault::Unreadable, why)).await?;
        }
        Err(UploadError::Failed(error)) => return Err(Failure::internal(&error)),
    }
    Ok(back)
}

async fn spool(engine: &Engine, by: By, mut parts: Multipart) -> Result<NewFile, UploadError> {
    let broken = |_| UploadError::Refused("The file arrived incomplete. Send it again.".to_owned());
    let (mut dates, mut file) = (Dates::default(), None);
    while let Some(mut field) = parts.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => {}
            Some("dates") => {
                let mut word = Vec::new();
                while let Some(piece) = field.chunk().await.map_err(broken)? {
                    // No valid value is longer.
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
            let words = "Send one file at a time; nothing was accepted.";
            return Err(UploadError::Refused(words.to_owned()));
        }
    }
    let file = file.ok_or_else(|| UploadError::Refused("Choose a file.".to_owned()))?;
    Ok(file.dated(dates))
}

/// The fragment with imports and sources, with which the page updates itself.
pub(crate) async fn list(State(engine): State<Engine>) -> Html<String> {
    Html(app::settings::intake_fragment(engine).await)
}

/// The rejected lines of an import as CSV: line, reason.
///
/// # Errors
/// 404 if there is no such import, or its file was deleted.
pub(crate) async fn rejected(
    State(engine): State<Engine>,
    Extension(account): Extension<Account>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let none = || Failure::not_found("there are no rejected lines of it here");
    let id: Uuid = id.parse().map_err(|_| none())?;
    let file =
        engine.imports.rejected(id, Sight::of_role(account.role)).await.map_err(|_| none())?;
    Ok(download("rejected.csv", "text/csv; charset=utf-8", file))
}
