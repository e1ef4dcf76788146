//! `POST /stop/{token}`: the link in every mail, clicked in a mail program or on its page.

use crate::client;
use crate::failure::{Failure, Reader};
use crate::guard::not_found;
use crate::state::State;
use axum::extract::{self, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use http::StatusCode;

/// Stops a recipient's messages. A browser is redirected to the link's page; a mail program gets a
/// plain answer, since it follows no redirects (RFC 8058, section 3.1).
pub(crate) async fn stop(
    extract::State(state): extract::State<State>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let reader = Reader::of(&request);
    match state.engine.notify.stop(&token, client::address(&request)).await {
        // A token that was found has only hexadecimal digits.
        Ok(true) if reader.html => Redirect::to(&format!("/stop/{token}")).into_response(),
        Ok(true) => (StatusCode::OK, "You will get no more messages.\n").into_response(),
        Ok(false) => not_found().answer(&state.assets, &reader),
        Err(error) => {
            let mut failure = Failure::internal(&error);
            if reader.html {
                let words = "This could not be done now. Try again in a moment.";
                failure = Failure::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, words);
            }
            failure.answer(&state.assets, &reader)
        }
    }
}
