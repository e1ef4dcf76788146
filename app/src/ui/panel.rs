//! A part of a page.

use leptos::prelude::*;

/// A region whose name is its title.
#[component]
pub fn Panel(
    /// The title's id.
    by: &'static str,
    /// The title.
    #[prop(into)]
    title: String,
    /// Its own id, where links lead to it.
    #[prop(optional)]
    id: Option<&'static str>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="panel" id=id aria-labelledby=by>
            <h2 id=by>{title}</h2>
            {children()}
        </section>
    }
}
