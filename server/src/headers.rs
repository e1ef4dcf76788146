//! Security headers of every answer (contract, section 9).

use app::accounts::Https;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// Adds the headers that the handler has not set.
pub(crate) async fn put(State(https): State<bool>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Https(https));
    let mut response = next.run(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        // axum's `Allow` would reveal that the route exists.
        response.headers_mut().remove(header::ALLOW);
    }
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, WITHOUT_SCRIPTS);
    put(header::REFERRER_POLICY, "same-origin");
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(header::CACHE_CONTROL, "no-store");
    if https {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

/// The policy for everything but the console's pages: errors, fragments, files, JSON.
const WITHOUT_SCRIPTS: &str = "script-src 'none'; style-src 'self'; \
     style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
     frame-ancestors 'none'; form-action 'self'";

/// The policy of a page whose own scripts carry `nonce`.
pub(crate) fn policy(nonce: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!(
        "script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'"
    ))
    .ok()
}

/// A file to save, never cached. `name` has only letters, digits, `-`, `_` and `.`.
pub(crate) fn download(name: &str, kind: &str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body.into()).into_response()
}
