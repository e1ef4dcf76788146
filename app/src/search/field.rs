//! The search field.

use super::PATH;
use crate::ui::{Icon, field_error};
use leptos::prelude::*;

const WHAT: &str = "User, number, IP address, journey or report";

/// The field in the header; on small screens a link to the page instead.
#[component]
pub(crate) fn HeaderSearch() -> impl IntoView {
    view! {
        <form class="find" role="search" aria-label="Help desk" method="get" action=PATH>
            <Icon name="search"/>
            <input
                id="find-q" name="q" type="search" maxlength="2000" placeholder="Search user, number, IP"
                title=WHAT aria-label="Search user, number, IP" autocomplete="off" spellcheck="false"
            />
        </form>
        <a class="icon-button find-link" href=PATH aria-label="Help desk search" title=WHAT>
            <Icon name="search"/>
        </a>
    }
}

/// The field on the page itself.
#[component]
pub(super) fn PageSearch(q: String, error: Option<String>) -> impl IntoView {
    let described = error.is_some().then_some("search-q-error");
    view! {
        <form class="find-page" role="search" aria-label="Help desk" method="get" action=PATH>
            <label class="hidden" for="search-q">{WHAT}</label>
            <input
                id="search-q" name="q" type="search" value=q maxlength="2000" placeholder=WHAT
                autocomplete="off" spellcheck="false" aria-describedby=described
                aria-invalid=error.is_some().then_some("true")
            />
            <button class="button primary">"Search"</button>
            {field_error(error, "search-q-error")}
        </form>
    }
}
