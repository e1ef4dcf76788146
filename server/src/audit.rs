//! The audit log's part that renews itself.

use axum::extract::State;
use axum::response::Html;
use engine::Engine;

/// How far a check is, for the page to renew itself.
pub async fn check(State(engine): State<Engine>) -> Html<String> {
    Html(app::audit::check_fragment(engine).await)
}
