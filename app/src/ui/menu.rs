//! A pill that opens a panel. It is a `<details>`, so that it works without scripts.

use crate::ui::Icon;
use leptos::prelude::*;

/// A pill and its panel. Only one menu of a page is open at a time.
#[component]
pub(crate) fn Menu(
    /// What it chooses, for screen readers ("Time range").
    label: &'static str,
    #[prop(into)] shown: String,
    icon: &'static str,
    /// Tooltip.
    #[prop(into, default = String::new())]
    hint: String,
    /// Whether it is open at first, for example because it contains an error.
    #[prop(optional)]
    open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="menu" name="menu" open=open>
            <summary class="pill" title=(!hint.is_empty()).then_some(hint)>
                <Icon name=icon/>
                <span class="hidden">{label} ": "</span>
                <span class="pill-text">{shown}</span>
                <Icon name="down"/>
            </summary>
            <div class="menu-panel">{children()}</div>
        </details>
    }
    .into_any()
}

/// One option of a menu.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub text: String,
    pub href: String,
    pub chosen: bool,
}

/// The options of a menu, as links. They change the whole page: `data-keep` tells the client to
/// keep the newer state of tiles.
#[component]
pub(crate) fn Choices(
    choices: Vec<Choice>,
    /// Whether to use several columns.
    #[prop(optional)]
    dense: bool,
) -> impl IntoView {
    let items = choices
        .into_iter()
        .map(|Choice { text, href, chosen }| {
            view! { <li><a href=href data-keep="" aria-current=chosen.then_some("true")>{text}</a></li> }
        })
        .collect_view();
    view! { <ul class="choices" class:dense=dense>{items}</ul> }.into_any()
}
