//! What stands where rows would: nothing there, or nothing could be read.

use crate::ui::Icon;
use leptos::prelude::*;

/// One sentence, with its action among the words.
#[component]
pub fn Empty(
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! { <div class="empty"><p>{children()}</p></div> }
}

/// What failed, its reference, and a way to try again.
#[component]
pub fn Failed(
    /// What failed, as a sentence.
    #[prop(into)]
    what: String,
    /// The reference that the log has too; none where the server was not reached.
    #[prop(into, default = String::new())]
    reference: String,
    /// The address that tries again.
    #[prop(into)]
    retry: String,
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
}
