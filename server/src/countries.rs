//! Uploads and downloads of the Countries page.

use crate::failure::Failure;
use crate::headers::download;
use crate::shown;
use crate::state::State;
use app::countries::{
    FileAnswer, KEPT, UploadedForm, answer, custom_policy as policy_of,
    external_id as external_id_of, new_language_file,
};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{self, FromRequest as _, Multipart, Query, Request};
use axum::response::{Redirect, Response};
use engine::Engine;
use serde::Deserialize;

/// The tab that shows a language file.
const TAB: &str = "/countries?tab=language-file";

const JSON: &str = "application/json; charset=utf-8";

/// The query of a download.
#[derive(Debug, Deserialize)]
pub(crate) struct DownloadQuery {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    language: String,
}

/// Takes an uploaded language file, or the one that the page carries along. Answers with the page
/// that shows it or with the changed file; the server stores nothing.
///
/// # Errors
/// 400 if the form cannot be read, 500 or 503 if the store fails. The page shows what is wrong with
/// the file.
pub(crate) async fn language_file(
    extract::State(state): extract::State<State>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let mut kept = parts.clone();
    let sent = Multipart::from_request(Request::from_parts(parts, body), &state).await;
    let sent = sent.map_err(Failure::broken_form)?;
    let sent = read(sent).await.map_err(Failure::broken_form)?;
    let answered = answer(&state.engine, sent).await?;
    Ok(match answered {
        FileAnswer::Page(opened) => {
            kept.extensions.insert(opened);
            shown::page(&state, kept, TAB).await
        }
        FileAnswer::Download { name, text } => download(&name, JSON, text),
    })
}

async fn read(mut parts: Multipart) -> Result<UploadedForm, MultipartError> {
    let mut sent = UploadedForm::default();
    while let Some(part) = parts.next_field().await? {
        let Some(name) = part.name().map(str::to_owned) else { continue };
        if name == "file" {
            sent.name = part.file_name().unwrap_or_default().to_owned();
            take(part, &mut sent).await?;
        } else {
            sent.fields.insert(name, part.text().await?);
        }
    }
    Ok(sent)
}

/// Keeps a file up to the limit and only counts the rest. The whole body has to be read: browsers
/// show an answer only after they have sent everything.
async fn take(mut part: Field<'_>, sent: &mut UploadedForm) -> Result<(), MultipartError> {
    let mut kept = Vec::new();
    while let Some(piece) = part.chunk().await? {
        let room = KEPT.saturating_sub(kept.len()).min(piece.len());
        kept.extend_from_slice(&piece[..room]);
        sent.bytes += piece.len();
    }
    sent.file = Some(kept);
    Ok(())
}

/// For a reload of the page that showed a file.
pub(crate) async fn to_tab() -> Redirect {
    Redirect::to(TAB)
}

/// A new language file with a channel's regions.
///
/// # Errors
/// 404 for an unknown channel, 500 or 503 if the store fails.
pub(crate) async fn new_file(
    extract::State(engine): extract::State<Engine>,
    Query(of): Query<DownloadQuery>,
) -> Result<Response, Failure> {
    let Some((name, text)) = new_language_file(&engine, &of.channel).await? else {
        let words = "there is no such channel: voice, sms, whatsapp and rcs have regions";
        return Err(Failure::not_found(words));
    };
    Ok(download(&name, JSON, text))
}

/// A channel's regions as a fragment of a custom policy.
///
/// # Errors
/// 422 for an unknown channel or language, 500 or 503 if the store fails.
pub(crate) async fn custom_policy(
    extract::State(engine): extract::State<Engine>,
    Query(of): Query<DownloadQuery>,
) -> Result<Response, Failure> {
    let text = policy_of(&engine, &of.channel, &of.language).await??;
    Ok(download("custom-policy.xml", "application/xml; charset=utf-8", text))
}

/// External ID's lists.
///
/// # Errors
/// 500 or 503 if the store fails.
pub(crate) async fn external_id(
    extract::State(engine): extract::State<Engine>,
) -> Result<Response, Failure> {
    let text = external_id_of(&engine).await?;
    Ok(download("external-id.json", JSON, text))
}
