//! A pill that opens a panel: `<details>`, so that it needs no script.

use crate::ui::Icon;
use leptos::prelude::*;

/// A pill and its panel. Of all menus of a page one is open at a time.
#[component]
pub fn Menu(
    /// What it chooses, for those who hear the page ("Time range").
    label: &'static str,
    /// What is chosen now.
    #[prop(into)]
    shown: String,
    /// Its icon.
    icon: &'static str,
    /// More about what is chosen, on hover.
    #[prop(into, default = String::new())]
    hint: String,
    /// Whether it stands open at first: it holds an error.
    #[prop(optional)]
    open: bool,
    /// The panel.
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
}

/// One thing a menu offers.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its name.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is what is shown now.
    pub chosen: bool,
}

/// The things a menu offers, as links. They change what the whole page shows: `data-keep` tells
/// the client to keep the tiles' newer state.
#[component]
pub fn Choices(
    /// What is offered.
    choices: Vec<Choice>,
    /// Whether they stand in several columns.
    #[prop(optional)]
    dense: bool,
) -> impl IntoView {
    let items = choices
        .into_iter()
        .map(|Choice { text, href, chosen }| {
            view! { <li><a href=href data-keep="" aria-current=chosen.then_some("true")>{text}</a></li> }
        })
        .collect_view();
    view! { <ul class="choices" class:dense=dense>{items}</ul> }
}
