//! The fragment with which the audit page updates itself.

use axum::extract::State;
use axum::response::Html;
use engine::Engine;

/// The progress of a check.
pub(crate) async fn check(State(engine): State<Engine>) -> Html<String> {
    Html(app::audit::check_fragment(engine).await)
}
