//! What stands in the head of a chart's tile.

use crate::ui::Icon;
use leptos::prelude::*;

/// Picture or numbers, and the picture as a file.
#[component]
pub fn ChartTools(
    /// The chart's word.
    word: &'static str,
    /// Its name.
    title: &'static str,
    /// Whether its numbers are shown.
    table: bool,
    /// The addresses that show the picture and the numbers.
    hrefs: [String; 2],
) -> impl IntoView {
    let [chart_href, table_href] = hrefs;
    let choice = |of_table: bool, href: String, icon: &'static str, label: &'static str| {
        let shown = (of_table == table).then_some("true");
        view! {
            <a
                id=format!("{word}-{icon}") href=href data-tile-link="" data-whole=""
                title=label aria-label=label aria-current=shown
            >
                <Icon name=icon/>
            </a>
        }
    };
    view! {
        <span class="switch" role="group" aria-label="Shown as">
            {choice(false, chart_href, "workbook", "Chart")}
            {choice(true, table_href, "table", "Table")}
        </span>
        {(!table).then(|| view! { <SaveButtons word title/> })}
    }
}

/// Saves the picture of a tile as it is seen. Shown only where a script runs.
#[component]
pub fn SaveButtons(
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
