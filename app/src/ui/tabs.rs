//! The tabs of a page. Each is a link, so that a tab has an address.

use leptos::prelude::*;

/// One tab.
#[derive(Debug, Clone)]
pub struct Tab {
    /// The word in the URL and the root of its ids.
    pub word: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
}

/// A tab list and the panel of the tab that is open.
#[component]
pub fn Tabs(
    /// What the tabs divide.
    label: &'static str,
    /// The tabs.
    tabs: Vec<Tab>,
    /// The word of the one that is open.
    open: &'static str,
    /// Its panel.
    children: Children,
) -> impl IntoView {
    let list = tabs
        .into_iter()
        .map(|Tab { word, label, href }| {
            let chosen = word == open;
            view! {
                <a
                    role="tab" id=format!("tab-{word}") href=href data-keep=""
                    aria-selected=if chosen { "true" } else { "false" }
                    aria-controls=chosen.then(|| format!("panel-{word}"))
                >
                    {label}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="tabs" role="tablist" aria-label=label>{list}</div>
        <div role="tabpanel" id=format!("panel-{open}") aria-labelledby=format!("tab-{open}")>
            {children()}
        </div>
    }
}
