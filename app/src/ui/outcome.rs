//! The result of a form.

use crate::form::Outcome;
use crate::ui::{Copy, Notice, NoticeKind, notice_of};
use leptos::prelude::*;

/// What a form did, with a secret that is shown only once, or its errors. Empty if the form was not
/// sent.
#[component]
pub(crate) fn Told(
    tried: Outcome,
    /// Fields whose errors are shown here, because they are not on the page.
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
        {notice_of(NoticeKind::Failed, &wrong)}
    }
    .into_any()
}
