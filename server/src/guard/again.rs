//! Doors that need the password given lately: a person is led to the page that asks for it, with
//! what was typed kept; a program gets 403.

use super::refused::store_unavailable;
use crate::failure::{Failure, Reader};
use app::accounts::confirm_path;
use app::{Assets, form};
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use domain::doors::{AskAgain, Door, local_path};
use engine::accounts::Fresh;
use http::{HeaderMap, StatusCode, Uri, header};
use std::ops::ControlFlow;
use tower_sessions::Session;

/// What programs read.
pub const WORDS: &str = "This needs the password given within the last 10 minutes. Nothing was \
                         done. Sign in again, or confirm the password at /account/confirm.";

/// The refusal for programs.
pub fn refusal() -> Failure {
    Failure::new(StatusCode::FORBIDDEN, Fault::AskAgain, WORDS)
        .way_on("/account/confirm", "Confirm")
}

/// The request, if its door opens without the password; else the answer. The form's body has
/// been read, so it is at hand.
pub(super) async fn ask(
    door: &Door,
    assets: &Assets,
    reader: &Reader,
    request: Request,
) -> ControlFlow<Response, Request> {
    let fresh = request.extensions().get() == Some(&Fresh(true));
    let Some(ask) = door.ask_again.filter(|_| !fresh) else {
        return ControlFlow::Continue(request);
    };
    if !reader.html {
        return ControlFlow::Break(refusal().answer(assets, reader));
    }
    let kept = keep(&ask, request, door.body).await;
    ControlFlow::Break(kept.unwrap_or_else(|failure| failure.answer(assets, reader)))
}

async fn keep(ask: &AskAgain, request: Request, limit: u64) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let session = parts.extensions.get::<Session>().ok_or_else(refusal)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let body = to_bytes(body, limit).await.map_err(|_| refusal())?;
    form::keep_asked(session, ask, &body).await.map_err(|error| store_unavailable(&error))?;
    let back = came_from(ask, &parts.headers);
    Ok(Redirect::to(&confirm_path(&back)).into_response())
}

/// The page that the form stood on, with its query: `Referer` says it, and is believed only where
/// it names the form's own page.
fn came_from(ask: &AskAgain, headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|text| text.to_str().ok());
    let uri = referer.and_then(|text| text.parse::<Uri>().ok());
    let path = uri.as_ref().filter(|uri| uri.path() == ask.path());
    let path = path.and_then(|uri| local_path(uri.path_and_query()?.as_str()));
    path.unwrap_or(ask.page).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_forms_own_page_is_gone_back_to() {
        let ask = AskAgain { page: "/settings?tab=keys", form: "make-key" };
        for (referer, back) in [
            ("https://guard.example/settings?tab=keys&key=1", "/settings?tab=keys&key=1"),
            ("/settings", "/settings"),
            ("https://evil.example/settings?x", "/settings?x"),
            ("https://guard.example/audit", "/settings?tab=keys"),
            ("//evil.example", "/settings?tab=keys"),
            ("nonsense nonsense", "/settings?tab=keys"),
            ("", "/settings?tab=keys"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::REFERER, referer.parse().unwrap());
            assert_eq!(came_from(&ask, &headers), back, "{referer}");
        }
        assert_eq!(came_from(&ask, &HeaderMap::new()), ask.page);
    }
}
