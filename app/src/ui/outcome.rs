//! The result of a form.

use crate::form::Outcome;
use crate::ui::{Copy, Field, Notice, NoticeKind, notice_of};
use leptos::prelude::*;

/// What a form did, with a secret that is shown only once, or its errors. Empty if the form was not
/// sent.
#[component]
pub(crate) fn FormResult(
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

/// A text field that must be filled in, with what was typed into it and its error.
pub(crate) fn needed_field(
    tried: &Outcome,
    label: &'static str,
    name: &'static str,
    help: &'static str,
) -> AnyView {
    let (value, error) = (tried.value(name), tried.error(name));
    view! { <Field label name value error help required=true/> }.into_any()
}

/// The field for the reason of an act that stays on record. An empty `id` is made from its name.
pub(crate) fn reason_field(id: impl Into<String>, tried: &Outcome) -> AnyView {
    let (id, value, error) = (id.into(), tried.value("reason"), tried.error("reason"));
    let help = "Recorded with your name.";
    view! { <Field label="Reason" name="reason" id value error help required=true/> }.into_any()
}
