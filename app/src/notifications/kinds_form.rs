//! Which kinds of alert are raised at all.

use super::kinds::about;
use crate::form::outcome;
use crate::ui::{Button, Hidden, Notice, NoticeKind};
use domain::notify::{AlertKind, Settings};
use engine::settings::Current;
use leptos::prelude::*;

/// A box for each kind; kinds without a switch are always on.
#[component]
pub(super) fn KindsForm(
    /// What holds.
    current: Current<Settings>,
    /// Whether the reader may change it.
    may: bool,
) -> impl IntoView {
    let tried = outcome("kinds");
    let stale = tried.error("version");
    let chosen = tried.value("kinds");
    let on = move |kind: AlertKind| match tried.is_again() {
        true => chosen.split(',').any(|word| word == kind.as_str()),
        false => current.settings.raises(kind),
    };
    let boxes = AlertKind::ALL
        .iter()
        .map(|&kind| {
            let id = format!("raised-{kind}");
            let help = format!("{id}-help");
            let fixed = !Settings::KINDS.contains(&kind);
            view! {
                <div class="check">
                    <input
                        id=id.clone() type="checkbox" name="kinds[]" value=kind.as_str()
                        checked=on(kind) || fixed disabled=fixed || !may
                        aria-describedby=help.clone()
                    />
                    <label for=id>{kind.label()}</label>
                    <p class="field-help" id=help>
                        {if fixed { "Always on: nobody turns alerts off unseen." } else { about(kind) }}
                    </p>
                </div>
            }
        })
        .collect_view();
    let version = vec![("version".to_owned(), current.version.to_string())];
    view! {
        <section class="panel" id="kinds" aria-labelledby="kinds-title">
            <h2 id="kinds-title">"Alerts for everybody"</h2>
            <form class="form recipient-form" method="post" action="/_fn/notification-kinds">
                {stale.map(|stale| view! { <Notice kind=NoticeKind::Failed>{stale}</Notice> })}
                <Hidden values=version/>
                <fieldset class="checks">
                    <legend>"What recipients are told of, if they want it"</legend>
                    {boxes}
                </fieldset>
                {may.then(|| view! { <div class="form-end"><Button>"Save kinds"</Button></div> })}
            </form>
        </section>
    }
}
