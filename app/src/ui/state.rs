//! Messages in place of rows: there are none, or they could not be read.

use crate::ui::Icon;
use leptos::prelude::*;

/// One sentence, which can contain a link to what the user can do.
#[component]
pub(crate) fn Empty(children: Children) -> impl IntoView {
    view! { <div class="empty"><p>{children()}</p></div> }.into_any()
}

/// The items as a list, or a sentence if there are none.
pub(crate) fn listed<V: IntoView + 'static>(items: Vec<V>, none: &'static str) -> AnyView {
    if items.is_empty() {
        return view! { <Empty>{none}</Empty> }.into_any();
    }
    view! { <ul class="plain-list spaced">{items}</ul> }.into_any()
}

/// What failed, its reference, and a link to try again.
#[component]
pub(crate) fn Failed(
    #[prop(into)] what: String,
    /// Reference in the log; empty if the server was not reached.
    #[prop(into, default = String::new())]
    reference: String,
    #[prop(into)] retry: String,
) -> impl IntoView {
    view! {
        <div class="failed-state" role="alert">
            <Icon name="alert"/>
            <p>
                {what}
                {(!reference.is_empty()).then(|| view! {
                    <span class="reference">" Reference " <code>{reference}</code> "."</span>
                })}
            </p>
            <a class="button" href=retry data-tile-link=""><Icon name="retry"/>"Retry"</a>
        </div>
    }
    .into_any()
}

/// A dash in place of a missing value.
pub(crate) fn none() -> AnyView {
    view! { <span class="none">"–"</span> }.into_any()
}
