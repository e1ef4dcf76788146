//! The filter box of a table.

use crate::ui::{Hidden, Icon};
use leptos::prelude::*;

/// A GET form with one box; with a script it filters while one types.
#[component]
pub fn Search(
    /// The root of its ids, and the name of its field in the URL without `.q`.
    root: &'static str,
    /// What is filtered, for those who hear the page.
    title: &'static str,
    /// What stands in it.
    #[prop(into)]
    value: String,
    /// What the form carries along.
    hidden: Vec<(String, String)>,
) -> impl IntoView {
    view! {
        <form class="search" role="search" aria-label=title method="get" action=format!("/#{root}") data-tile-form="">
            <Hidden values=hidden/>
            <Icon name="search"/>
            <input
                id=format!("{root}-q") name=format!("{root}.q") type="search" value=value maxlength="200"
                placeholder="Filter" aria-label=format!("Filter {title}") autocomplete="off" spellcheck="false"
            />
        </form>
    }
}
