//! Status codes and headers of the response.

use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

pub(crate) fn answer_with(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// Redirects with 303, so that the browser follows with GET.
pub(crate) fn see_other(path: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.set_status(StatusCode::SEE_OTHER);
    let path = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    response.insert_header(header::LOCATION, path);
}

/// [`see_other`], as the result of a server function.
pub(crate) fn redirect(path: &str) -> Result<(), ServerFnError> {
    see_other(path);
    Ok(())
}

/// Answers 429 with `Retry-After`. Writes nothing to the session, so that a flood of requests costs
/// no storage.
pub(crate) fn too_many(seconds: u64) -> ServerFnError {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::TOO_MANY_REQUESTS);
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    ServerFnError::new("too many attempts")
}
