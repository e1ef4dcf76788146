//! The 404 page, and the reference that links an error page to its log line.

use crate::{answer::answer_with, ui::PageHead};
use http::StatusCode;
use leptos::prelude::*;

/// Eight random hex digits, shown on the page and written to the log.
pub(crate) fn reference() -> String {
    let [a, b, c, d] = store::random::bytes::<4>();
    format!("{a:02x}{b:02x}{c:02x}{d:02x}")
}

/// Answers 404.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    answer_with(StatusCode::NOT_FOUND);
    view! {
        <PageHead title="Not found" line="There is no page at this address."/>
        <p><a href="/">"Go to the workbook"</a></p>
    }
}
