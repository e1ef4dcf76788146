//! The form that adds a recipient.

use super::kinds::Kinds;
use crate::form::outcome;
use crate::ui::{Button, Field, Panel, Select};
use domain::notify::{AlertKind, Reach};
use leptos::prelude::*;

/// All alerts are ticked at first.
#[component]
pub(super) fn AddForm() -> impl IntoView {
    let tried = outcome("add");
    let kinds = Reach::ALL.iter().map(|kind| (kind.to_string(), kind.label().to_owned())).collect();
    let refused = tried != Default::default() && tried.done().is_none();
    let typed = tried.value("events");
    let chosen = AlertKind::ALL.iter().copied();
    let chosen: Vec<_> = chosen
        .filter(|kind| !refused || typed.split(' ').any(|word| word == kind.as_str()))
        .collect();
    view! {
        <Panel id="add" by="add-title" title="Add a recipient">
            <form class="form recipient-form" method="post" action="/_fn/recipient-add">
                <div class="recipient-where">
                    <Select
                        label="By" name="kind" options=kinds value=tried.value("kind")
                        error=tried.error("kind")
                    />
                    <Field
                        label="Address" name="address" value=tried.value("address")
                        help="An e-mail address, or a webhook's URL that begins with https://. \
                              Active immediately."
                        error=tried.error("address") required=true
                    />
                </div>
                <Kinds root="add" chosen error=tried.error("events")/>
                <div class="form-end"><Button>"Add recipient"</Button></div>
            </form>
        </Panel>
    }
}
