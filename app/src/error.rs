//! Pages for what went wrong, and the reference that ties a page to a log line.

use crate::answer::answer_with;
use crate::ui::PageHead;
use http::StatusCode;
use leptos::prelude::*;

/// Eight characters that stand on the page and in the log, so that one finds the other.
pub fn reference() -> String {
    let [a, b, c, d] = store::random::bytes::<4>();
    format!("{a:02x}{b:02x}{c:02x}{d:02x}")
}

/// For paths that lead nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    answer_with(StatusCode::NOT_FOUND);
    view! {
        <PageHead title="Not found" line="There is no page at this address."/>
        <p><a href="/">"Go to the workbook"</a></p>
    }
}
