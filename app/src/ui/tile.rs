//! A tile: one panel of the workbook.

use leptos::prelude::*;

/// A section that is labelled by its title: head with actions, an optional filter, and a body. When
/// the tile changes, the client replaces the elements with `data-swap`, but not the filter, so that
/// it does not disturb typing.
#[component]
pub(crate) fn Tile(
    /// Name in URLs, and the prefix of its ids.
    word: &'static str,
    title: &'static str,
    /// Links to export it, or to switch between chart and table.
    actions: AnyView,
    filter: Option<AnyView>,
    /// Rows, chart, or a message in their place.
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
    .into_any()
}
