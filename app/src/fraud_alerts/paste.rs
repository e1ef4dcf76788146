//! The form to block a pasted list.

use super::forms::{Instead, Lasts};
use crate::form::Outcome;
use crate::ui::{Button, Field, FormResult, Notice, NoticeKind, Panel, line_errors, list_area};
use leptos::prelude::*;

/// Rejected lines come back with their errors.
#[component]
pub(super) fn Paste(tried: Outcome) -> impl IntoView {
    let errors = tried.errors("list");
    let partly = Some(tried.value("done")).filter(|done| !done.is_empty());
    let partly = partly.map(|done| {
        view! { <Notice kind=NoticeKind::Done>{done}" The other lines are still below."</Notice> }
    });
    let wrong = !errors.is_empty();
    let list = tried.value("list");
    let lasts = if tried.done().is_some() { Outcome::default() } else { tried.clone() };
    let open = tried.is_told();
    let described = if wrong { "field-list-help field-list-error" } else { "field-list-help" };
    view! {
        <Panel id="block-many" by="block-many-title" title="Block many at once">
            <div class="panel-body">
            <FormResult tried=tried.clone()/>
            {partly}
            <details class="act" open=open>
            <summary>"Paste a list"</summary>
            <form class="form" method="post" action="/_fn/block-many">
                <div class="field">
                    {list_area(list, "8", described, wrong)}
                    <p class="field-help" id="field-list-help">
                        "One per line: a user, number, block of numbers, IP address or network; \
                         or a CSV file with the columns kind,value,until,reason, with or without \
                         a header. At most 60,000 characters."
                    </p>
                    {line_errors(errors)}
                </div>
                <Lasts tried=lasts root="many".to_owned()/>
                <Field
                    label="Reason" name="reason" id="many-reason" value=tried.value("reason")
                    error=tried.error("reason") help="For lines without their own reason."
                />
                <Instead root="many"/>
                <div class="form-end"><Button>"Block all of these"</Button></div>
            </form>
            </details>
            </div>
        </Panel>
    }
}
