//! Buttons in the head of a chart's tile.

use leptos::prelude::*;

/// Buttons that save a chart as it is shown. Visible only with a script.
#[component]
pub(crate) fn SaveButtons(
    /// Id of the tile, also used as the file name.
    word: &'static str,
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
    view! { <span class="save">{button("svg", "SVG")}{button("png", "PNG")}</span> }.into_any()
}
