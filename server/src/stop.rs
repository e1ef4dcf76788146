//! `POST /stop/{token}`: the link in every mail, clicked in a mail program or on its page.

use crate::failure::{Failure, Reader};
use crate::guard::not_found;
use crate::problem::Problem;
use crate::state::State;
use axum::extract::{self, Path, Request};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Fault;
use engine::accounts::ClientAddress;
use http::StatusCode;
use std::net::{IpAddr, Ipv4Addr};

/// Stops the recipient's messages. A person comes back to the link's page, which tells it; a mail
/// program wants an answer of its own, since it follows no redirects (RFC 8058, section 3.1).
pub async fn stop(
    extract::State(state): extract::State<State>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let reader = Reader::of(&request);
    let from = request.extensions().get::<ClientAddress>();
    let from = from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0);
    match state.engine.notify.stop(&token, from).await {
        // What was stopped is one of our own tokens: hexadecimal digits.
        Ok(true) if reader.html => Redirect::to(&format!("/stop/{token}")).into_response(),
        Ok(true) => (StatusCode::OK, "You get no more messages.\n").into_response(),
        Ok(false) => not_found().answer(&state.assets, &reader),
        Err(error) => {
            let failed = Problem::internal(&error);
            if !reader.html {
                return failed.into_response();
            }
            let words = "This could not be done now. Try again in a moment.";
            let failure = Failure::new(StatusCode::INTERNAL_SERVER_ERROR, Fault::Internal, words);
            failure.answer(&state.assets, &reader)
        }
    }
}
