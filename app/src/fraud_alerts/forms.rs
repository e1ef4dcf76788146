//! Forms used in several places of the page.

use crate::ui::{Button, ButtonKind, Field, Hidden, Select, options, reason_field};
use crate::{form::Outcome, names::channel_name};
use domain::Channel;
use leptos::prelude::*;
use uuid::Uuid;

/// Durations of a block: seconds and label.
pub(super) const LASTS: [(&str, &str); 6] = [
    ("3600", "1 hour"),
    ("86400", "1 day"),
    ("604800", "7 days"),
    ("2592000", "30 days"),
    ("7776000", "90 days"),
    ("", "Until unblocked"),
];

/// The fields for a block's end: a duration or a time.
#[component]
pub(super) fn Lasts(
    tried: Outcome,
    root: String,
    /// The duration chosen at first.
    #[prop(default = "7776000")]
    first: &'static str,
) -> impl IntoView {
    let chosen = if tried.is_told() { tried.value("lasts") } else { first.to_owned() };
    let options = options(LASTS);
    view! {
        <Select
            label="For" name="lasts" id=format!("{root}-lasts") options value=chosen
            error=tried.error("lasts")
        />
        <Field
            label="Or until (UTC)" name="until" id=format!("{root}-until")
            kind="datetime-local" value=tried.value("until") error=tried.error("until")
            help="At most ten years ahead. Overrides the duration."
        />
    }
}

/// A button that opens the form to end a block or a bypass.
#[component]
pub(super) fn EndForm(
    action: &'static str,
    id: Uuid,
    /// The report whose page the form is on, if any.
    #[prop(default = None)]
    report: Option<Uuid>,
    /// Label of the buttons.
    verb: &'static str,
    /// For the accessible name.
    whom: String,
    tried: Outcome,
) -> impl IntoView {
    let open = tried.error("reason").is_some();
    let mut hidden = vec![("id".to_owned(), id.to_string())];
    hidden.extend(report.map(|report| ("report".to_owned(), report.to_string())));
    view! {
        <details class="act" open=open>
            <summary aria-label=format!("{verb} {whom}")>{verb}</summary>
            <form class="form" method="post" action=action>
                <Hidden values=hidden/>
                {reason_field(format!("end-{id}"), &tried)}
                <div class="form-end"><Button kind=ButtonKind::Danger>{verb}</Button></div>
            </form>
        </details>
    }
}

/// The form to block one user, completely or on all channels but one.
#[component]
pub(super) fn BlockUser(
    /// Unmasked.
    user: String,
    /// The report whose page the form is on.
    report: Uuid,
    /// Leave one channel.
    partly: bool,
    tried: Outcome,
) -> impl IntoView {
    let (name, verb) =
        if partly { ("require", "Require another channel") } else { ("block", "Block the user") };
    let open = tried.is_told() && tried.done().is_none();
    let hidden = vec![
        ("kind".to_owned(), "user".to_owned()),
        ("value".to_owned(), user),
        ("report".to_owned(), report.to_string()),
        ("form".to_owned(), name.to_owned()),
    ];
    let first = if partly { "86400" } else { "7776000" };
    view! {
        <details class="act" open=open>
            <summary>{verb}</summary>
            <form class="form" method="post" action="/_fn/block">
                <Hidden values=hidden/>
                {tried.error("value").map(|words| view! { <p class="field-error" role="alert">{words}</p> })}
                {partly.then(|| view! { <OnlyChannel tried=tried.clone() root=name/> })}
                <Lasts tried=tried.clone() root=name.to_owned() first/>
                {reason_field(format!("{name}-reason"), &tried)}
                <Instead root=name/>
                <div class="form-end"><Button>{verb}</Button></div>
            </form>
        </details>
    }
}

#[component]
fn OnlyChannel(tried: Outcome, root: &'static str) -> impl IntoView {
    let options =
        options(Channel::ALL.iter().map(|channel| (channel.as_str(), channel_name(*channel))));
    let value = if tried.is_told() { tried.value("only_channel") } else { "email".to_owned() };
    view! {
        <Select
            label="Channel that is still offered" name="only_channel" id=format!("{root}-channel")
            options value error=tried.error("only_channel")
        />
    }
}

#[component]
pub(super) fn Instead(root: &'static str) -> impl IntoView {
    let id = format!("{root}-instead");
    view! {
        <div class="tick">
            <input type="checkbox" id=id.clone() name="instead" value="1"/>
            <label for=id>"Replace an existing block"</label>
        </div>
    }
}
