//! What stands in the head of a chart's tile.

use leptos::prelude::*;

/// Saves the picture of a tile as it is seen. Shown only where a script runs.
#[component]
pub(crate) fn SaveButtons(
    /// The tile's word: its id, which its file is named by.
    word: &'static str,
    /// Its name.
    title: &'static str,
) -> impl IntoView {
    let button = |kind: &'static str, label: &'static str| {
        view! {
            <button
                type="button" data-save=kind data-of=word title=format!("Download as {label}")
                aria-label=format!("Download {title} as {label}")
            >
                {label}
            </button>
        }
    };
    view! { <span class="save">{button("svg", "SVG")}{button("png", "PNG")}</span> }
}
