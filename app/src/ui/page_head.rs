//! The head of a page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Title, a line about the page, and its tools at the right. Also sets the document title.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: String,
    #[prop(into, default = String::new())] line: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=format!("{title} – Tollwarden")/>
        <header class="page-head">
            <div class="page-head-words">
                <h1>{title}</h1>
                {(!line.is_empty()).then(|| view! { <p>{line}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-tools">{children()}</div> })}
        </header>
    }
    .into_any()
}
