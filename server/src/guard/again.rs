//! Doors that need a recently entered password: a browser is redirected to the page that asks for
//! it, and its form is kept; a program gets 403.

use super::refused::store_unavailable;
use crate::failure::{Failure, Reader};
use app::accounts::confirm_path;
use app::form;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use domain::doors::{AskAgain, Door, local_path};
use engine::accounts::Fresh;
use http::{HeaderMap, StatusCode, Uri, header};
use std::ops::ControlFlow;
use tower_sessions::Session;

/// The refusal for programs.
pub(crate) fn refusal() -> Failure {
    let words = "This needs the password given within the last 10 minutes. Nothing was done. \
                 Sign in again, or confirm the password at /account/confirm.";
    Failure::new(StatusCode::FORBIDDEN, Fault::AskAgain, words)
        .way_on("/account/confirm", "Confirm")
}

/// Returns the request if its door needs no password now, otherwise the answer. The guard has read
/// the form's body already.
pub(super) async fn ask(
    door: &Door,
    reader: &Reader,
    request: Request,
) -> Result<ControlFlow<Response, Request>, Failure> {
    let fresh = request.extensions().get() == Some(&Fresh(true));
    let Some(ask) = door.ask_again.filter(|_| !fresh) else {
        return Ok(ControlFlow::Continue(request));
    };
    if !reader.html {
        return Err(refusal());
    }
    keep(&ask, request, door.body).await.map(ControlFlow::Break)
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

/// The form's page with its query, from `Referer` if that names the form's own page.
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
