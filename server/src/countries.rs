//! The Countries page's files in and out.

use crate::problem::Problem;
use crate::shown;
use crate::state::State;
use app::countries::{
    Answered, KEPT, Sent, answer, custom_policy as policy_of, external_id as external_id_of,
    new_language_file,
};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{self, FromRequest as _, Multipart, Query, Request};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use engine::Engine;
use http::{StatusCode, header};
use serde::Deserialize;

/// Where the page shows a language file.
const TAB: &str = "/countries?tab=language-file";

/// Which list goes out.
#[derive(Debug, Deserialize)]
pub struct Of {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    language: String,
}

/// Takes a language file, chosen or carried by the page: answers with the page that shows it, or
/// with the file, changed. Nothing of it is kept here.
///
/// # Errors
/// When the form cannot be read or the store refuses; what is wrong with the file is told on the
/// page.
pub async fn language_file(
    extract::State(state): extract::State<State>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let mut kept = parts.clone();
    let sent = Multipart::from_request(Request::from_parts(parts, body), &state).await;
    let sent = sent.map_err(|_| broken())?;
    let sent = read(sent).await.map_err(|_| broken())?;
    let answered = answer(&state.engine, sent).await?;
    Ok(match answered {
        Answered::Page(opened) => {
            kept.extensions.insert(opened);
            shown::page(&state, kept, TAB).await
        }
        Answered::Download { name, text } => file(&name, "application/json", text),
    })
}

fn broken() -> Problem {
    Problem::bad_request(Fault::Unreadable, "The form did not arrive whole. Send it again.")
}

async fn read(mut parts: Multipart) -> Result<Sent, MultipartError> {
    let mut sent = Sent::default();
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

/// Keeps as much of a file as one may have, and counts the rest: a browser shows an answer only
/// once all it sends has been taken.
async fn take(mut part: Field<'_>, sent: &mut Sent) -> Result<(), MultipartError> {
    let mut kept = Vec::new();
    while let Some(piece) = part.chunk().await? {
        let room = KEPT.saturating_sub(kept.len()).min(piece.len());
        kept.extend_from_slice(&piece[..room]);
        sent.bytes += piece.len();
    }
    sent.file = Some(kept);
    Ok(())
}

/// For whoever reloads the page that showed a file.
pub async fn to_tab() -> Redirect {
    Redirect::to(TAB)
}

/// A new language file with a channel's regions.
///
/// # Errors
/// 404 when there is no such channel; when the store refuses.
pub async fn new_file(
    extract::State(engine): extract::State<Engine>,
    Query(of): Query<Of>,
) -> Result<Response, Problem> {
    let Some((name, text)) = new_language_file(&engine, &of.channel).await? else {
        let words = "there is no such channel: voice, sms, whatsapp and rcs have regions";
        return Err(Problem::new(StatusCode::NOT_FOUND, Fault::NotFound, words));
    };
    Ok(file(&name, "application/json", text))
}

/// A channel's regions as the fragment of a custom policy.
///
/// # Errors
/// 422 when there is no such channel or language; when the store refuses.
pub async fn custom_policy(
    extract::State(engine): extract::State<Engine>,
    Query(of): Query<Of>,
) -> Result<Response, Problem> {
    let text = policy_of(&engine, &of.channel, &of.language).await??;
    Ok(file("custom-policy.xml", "application/xml", text))
}

/// External ID's lists.
///
/// # Errors
/// When the store refuses.
pub async fn external_id(
    extract::State(engine): extract::State<Engine>,
) -> Result<Response, Problem> {
    let text = external_id_of(&engine).await?;
    Ok(file("external-id.json", "application/json", text))
}

/// `name` is made of letters, digits, `-`, `_` and `.`.
fn file(name: &str, kind: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
