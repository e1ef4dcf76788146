//! A panel: a titled section of a page.

use leptos::prelude::*;

/// A section that is labelled by its title.
#[component]
pub(crate) fn Panel(
    /// Id of the title.
    by: &'static str,
    #[prop(into)] title: String,
    /// Id of the panel itself, if links lead to it.
    #[prop(optional)]
    id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel" id=id aria-labelledby=by>
            <h2 id=by>{title}</h2>
            {children()}
        </section>
    }
    .into_any()
}
