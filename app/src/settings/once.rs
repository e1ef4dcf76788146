//! What became of a form, with what is shown this once.

use crate::form::Outcome;
use crate::ui::{Copy, Notice, NoticeKind};
use leptos::prelude::*;

/// Says what was done; nothing when nothing was.
#[component]
pub(super) fn Told(
    /// What became of the form.
    told: Outcome,
) -> impl IntoView {
    let secret = told.secret().map(str::to_owned);
    told.done().map(str::to_owned).map(|done| {
        view! {
            <Notice kind=NoticeKind::Done>
                {done}
                {secret.map(|secret| view! {
                    <p class="once"><code>{secret.clone()}</code><Copy value=secret/></p>
                })}
            </Notice>
        }
    })
}
