//! The filter box of a table.

use crate::ui::{Hidden, Icon};
use leptos::prelude::*;

/// A GET form with one field; with a script it filters while the user types.
#[component]
pub(crate) fn Search(
    /// Prefix of its ids and of the parameter `.q`.
    root: &'static str,
    /// What is filtered, for screen readers.
    title: &'static str,
    #[prop(into)] value: String,
    /// Parameters to keep.
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
    .into_any()
}
