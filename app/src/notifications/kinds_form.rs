//! Which kinds of alert are raised at all.

use super::kinds::{about, tick};
use crate::form::outcome;
use crate::ui::{Button, Hidden, Notice, NoticeKind, Panel};
use domain::notify::{AlertKind, Settings};
use engine::settings::Current;
use leptos::prelude::*;

/// A box for each kind; kinds without a switch are always on.
#[component]
pub(super) fn KindsForm(current: Current<Settings>, may: bool) -> impl IntoView {
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
            let fixed = !Settings::KINDS.contains(&kind);
            let help = match fixed {
                true => "Always on, so that alerts cannot be turned off unnoticed.",
                false => about(kind),
            };
            tick("raised", "kinds[]", kind, on(kind) || fixed, fixed || !may, help)
        })
        .collect_view();
    let version = vec![("version".to_owned(), current.version.to_string())];
    view! {
        <Panel id="kinds" by="kinds-title" title="Alerts for everybody">
            <form class="form recipient-form" method="post" action="/_fn/notification-kinds">
                {stale.map(|stale| view! { <Notice kind=NoticeKind::Failed>{stale}</Notice> })}
                <Hidden values=version/>
                <fieldset class="checks">
                    <legend>"Kinds of alerts that recipients can get"</legend>
                    {boxes}
                </fieldset>
                {may.then(|| view! { <div class="form-end"><Button>"Save kinds"</Button></div> })}
            </form>
        </Panel>
    }
}
