//! The head of a page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Title, one line of what the page tells, and its tools at the right. Also names the document.
#[component]
pub fn PageHead(
    /// The page's name, its only `h1`.
    #[prop(into)]
    title: String,
    /// What it tells.
    #[prop(into, default = String::new())]
    line: String,
    /// Range, channel, buttons.
    #[prop(optional)]
    children: Option<Children>,
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
}
