//! What became of a form.

use crate::form::Outcome;
use crate::ui::{Copy, Notice, NoticeKind};
use leptos::prelude::*;

/// What a form did, with what is shown this once, or why it did nothing. Nothing where there is
/// nothing to tell.
#[component]
pub fn Told(
    /// What became of the form.
    tried: Outcome,
    /// What is wrong with these fields stands here, since they are not on the page.
    #[prop(optional)]
    wrong: &'static [&'static str],
) -> impl IntoView {
    let secret = tried.secret().map(str::to_owned);
    let done = tried.done().map(str::to_owned);
    let wrong: Vec<String> = wrong.iter().flat_map(|field| tried.errors(field)).collect();
    view! {
        {done.map(|done| view! {
            <Notice kind=NoticeKind::Done>
                {done}
                {secret.map(|secret| view! {
                    <p class="once"><code>{secret.clone()}</code><Copy value=secret/></p>
                })}
            </Notice>
        })}
        {(!wrong.is_empty()).then(|| view! {
            <Notice kind=NoticeKind::Failed>{wrong.join(" ")}</Notice>
        })}
    }
}
