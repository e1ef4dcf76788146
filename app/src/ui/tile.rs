//! One panel of a page.

use leptos::prelude::*;

/// A region whose name is its title: head with actions, an optional filter, and a body. What
/// carries `data-swap` is replaced by the client when the tile changes; the filter stays, so that
/// typing is never disturbed.
#[component]
pub fn Tile(
    /// Its word in URLs, and the root of its ids.
    word: &'static str,
    /// Its name.
    title: &'static str,
    /// What can be done with all of it: export, table or chart.
    actions: AnyView,
    /// The filter box, if it has one.
    filter: Option<AnyView>,
    /// Rows, chart, or what stands in their place.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="tile" id=word aria-labelledby=format!("{word}-title") data-tile=word>
            <header class="tile-head">
                <h2 id=format!("{word}-title")>{title}</h2>
                <div class="tile-actions">{actions}</div>
            </header>
            {filter}
            <div class="tile-body" data-swap="body">{children()}</div>
            <p class="hidden" role="status" data-said=""></p>
        </section>
    }
}
