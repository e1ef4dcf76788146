//! Renders pages of the console, for the router and for forms that answer with a page.

use crate::state::State;
use crate::{api, headers};
use app::api_docs::Spec;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use domain::doors::{self, Door, DoorMatch};
use engine::accounts::Account;
use http::request::Parts;
use http::{Method, header};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

/// Fills the context of pages and server functions, and sets the policy of a page with a nonce.
/// Without the guard's admission there is no engine in it, so nothing can be read.
pub(crate) fn context(state: &State) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || {
        provide_context(state.assets.clone());
        provide_context(Spec(api::openapi::document()));
        let account =
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<Account>().cloned());
        if let Some(account) = account {
            provide_context(account);
        }
        if app::who::is_admitted() {
            provide_context(state.engine.clone());
        }
        provide_context(app::zone::of_request());
        provide_context(app::who::UntrustedProxy(state.strays.lately(state.engine.clock().now())));
        provide_context(app::live::NewsAtStart(state.engine.live.seq()));
        let policy = use_nonce().and_then(|nonce| headers::policy(&nonce));
        if let (Some(response), Some(policy)) = (use_context::<ResponseOptions>(), policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// Answers a form with a page instead of a redirect, for what is shown only once.
pub(crate) async fn page(state: &State, mut parts: Parts, path: &str) -> Response {
    parts.method = Method::GET;
    // The sender must have access to this page, not only to the form.
    parts.extensions.remove::<&Door>();
    let name = path.split('?').next().unwrap_or_default();
    if let DoorMatch::Door(door) = doors::find("GET", name) {
        parts.extensions.insert(door);
    }
    parts.uri = path.parse().unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let options = state.leptos.clone();
    let page = leptos_axum::render_app_async_with_context(context(state), move || {
        app::shell(options.clone())
    });
    page(Request::from_parts(parts, Body::empty())).await
}
