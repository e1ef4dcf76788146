//! The recipient that is opened: its alerts, and actions.

use super::{PATH, kinds::Kinds, recipients::State};
use crate::form::outcome;
use crate::ui::{Button, ButtonKind, ButtonLink, Hidden, Notice, NoticeKind, Panel, When};
use chrono::{DateTime, Utc};
use domain::notify::{AlertKind, Reach};
use leptos::prelude::*;
use store::recipients::Row;

#[component]
pub(super) fn ChangeForm(row: Row, now: DateTime<Utc>) -> impl IntoView {
    let id = row.id.to_string();
    let tried = outcome("change");
    let typed = tried.value("events");
    let refused = tried.error("events").is_some();
    let ticked = |kind: &AlertKind| match refused {
        true => typed.split(' ').any(|word| word == kind.as_str()),
        false => row.events.contains(kind),
    };
    let chosen = AlertKind::ALL.iter().copied().filter(ticked).collect::<Vec<_>>();
    let wrong = tried.error("kind").or(tried.error("recipient"));
    let wrong = wrong.or(outcome("test").error("recipient"));
    let hidden = vec![("id".to_owned(), id.clone())];
    let quiet = row.paused || row.stopped.is_some();
    view! {
        <Panel id="recipient" by="recipient-title" title=row.address.clone()>
            <div class="recipient-body">
                <p class="recipient-facts">
                    {row.kind.label()} " · " <State row=row.clone()/> " · added by " {row.created_by.clone()} " "
                    <When time=row.created now/>
                </p>
                {wrong.map(|wrong| view! { <Notice kind=NoticeKind::Failed>{wrong}</Notice> })}
                <form class="form recipient-form" method="post" action="/_fn/recipient-change">
                    <Hidden values=hidden.clone()/>
                    <Kinds root="change" chosen error=tried.error("events")/>
                    <div class="form-end">
                        <Button>"Save alerts"</Button>
                        <ButtonLink href=PATH>"Close"</ButtonLink>
                    </div>
                </form>
                <div class="recipient-actions">
                    {row.stopped.is_none().then(|| act("recipient-test", &id, "Send a test message"))}
                    <form method="post" action="/_fn/recipient-pause">
                        <Hidden values=hidden.clone()/>
                        <Button kind=ButtonKind::Quiet name="pause" value=if quiet { "no" } else { "yes" }>
                            {if quiet { "Resume" } else { "Pause" }}
                        </Button>
                    </form>
                    {(row.kind == Reach::Webhook).then(|| act("recipient-secret", &id, "Create a new secret"))}
                </div>
                {(row.kind == Reach::Webhook).then(|| view! {
                    <p class="field-help">
                        "For 24 hours, messages are signed with both the old and the new secret, \
                         so that nothing is lost while you update the receiver."
                    </p>
                })}
                <details class="remove">
                    <summary>"Remove…"</summary>
                    <p>"Nothing more is sent to " <b>{row.address}</b> ", including waiting messages."</p>
                    <form method="post" action="/_fn/recipient-remove">
                        <Hidden values=hidden/>
                        <Button kind=ButtonKind::Danger>"Remove recipient"</Button>
                    </form>
                </details>
            </div>
        </Panel>
    }
}

fn act(endpoint: &str, id: &str, label: &'static str) -> impl IntoView + use<> {
    let hidden = vec![("id".to_owned(), id.to_owned())];
    view! {
        <form method="post" action=format!("/_fn/{endpoint}")>
            <Hidden values=hidden/>
            <Button kind=ButtonKind::Quiet>{label}</Button>
        </form>
    }
}
