//! What an answer says besides its page: its status, and where to go on.

use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

/// Gives the answer this status.
pub(crate) fn answer_with(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Answers 303: the browser goes on with GET.
pub(crate) fn see_other(path: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.set_status(StatusCode::SEE_OTHER);
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.insert_header(header::LOCATION, path);
}

/// Answers 429: nothing is kept for one who has asked too often.
pub(crate) fn too_many(seconds: u64) -> ServerFnError {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::TOO_MANY_REQUESTS);
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    ServerFnError::new("too many attempts")
}
