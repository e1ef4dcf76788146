//! The tabs of a page. Each is a link, so that every tab has an address.

use leptos::prelude::*;

#[derive(Debug, Clone)]
pub(crate) struct Tab {
    /// Name in the URL and in ids.
    pub word: &'static str,
    pub label: &'static str,
    pub href: String,
}

impl Tab {
    pub(crate) fn new(word: &'static str, label: &'static str, href: String) -> Self {
        Self { word, label, href }
    }
}

/// The list of tabs and the panel of the open one.
#[component]
pub(crate) fn Tabs(
    /// Label of the list, for screen readers.
    label: &'static str,
    tabs: Vec<Tab>,
    /// `Tab::word` of the open tab.
    open: &'static str,
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
    .into_any()
}
