//! The page `/fraud-alerts/{id}`: one report, related data, and actions.

use super::facts::{Earlier, Facts, Prompts, ReportContext};
use super::forms::{BlockUser, EndForm};
use crate::page::{Head, PageContext, PageFailure, PageResult, page_of};
use crate::ui::{
    Button, ButtonKind, Field, FormResult, Hidden, Notice, NoticeKind, PageHead, When,
};
use crate::{error::NotFound, form::Outcome, zone::until};
use chrono::{DateTime, Utc};
use domain::workbook::Sight;
use leptos::prelude::*;
use store::{blocks::Block, fraud_reports::Row};
use uuid::Uuid;

const HEAD: Head =
    Head { title: "Fraud report", line: "", failed: "The report could not be read." };

#[component]
pub(crate) fn ReportPage() -> impl IntoView {
    page_of(HEAD, load)
}

async fn load(visit: PageContext, id: Uuid) -> Result<PageResult, PageFailure> {
    Ok(match ReportContext::load(&visit.engine, id, visit.sight).await? {
        Some(around) => PageResult::Shown(report_view(around, &visit).into_any()),
        None => PageResult::NotFound(view! { <NotFound/> }.into_any()),
    })
}

fn report_view(around: ReportContext, visit: &PageContext) -> impl IntoView + use<> {
    let (sight, now) = (visit.sight, visit.now);
    let user = sight.text_owned(&around.row.user);
    let line = format!("{user} says that this sign-in was not theirs.");
    let mark = around.fatigue.map(|fatigue| {
        view! { <Notice kind=NoticeKind::Warning><b>{fatigue.mark()}</b></Notice> }
    });
    let actions = actions(&around, visit);
    view! {
        <PageHead title=HEAD.title line=line/>
        <div class="panels">
            {mark}
            {actions}
            <Facts around=around.clone() sight now/>
            <Prompts around=around.clone() now/>
            <Earlier around now/>
        </div>
    }
}

/// State of the user and the report, and the forms to change it.
fn actions(around: &ReportContext, visit: &PageContext) -> impl IntoView + use<> {
    let PageContext { sight, guards, tried, now, .. } = visit;
    let row = &around.row;
    let state = match &around.block {
        Some(block) => blocked(block, *sight, *now).into_any(),
        None => view! { <p>"The user is not blocked."</p> }.into_any(),
    };
    let handled = row.handled.as_ref().map(|handled| {
        let note = handled.note.as_ref().map(|note| format!(": {}", sight.text_owned(note)));
        view! {
            <p>"Handled "<When time=handled.at now=*now/>" by "{sight.text_owned(&handled.by)}{note}</p>
        }
    });
    let forms = guards.then(|| forms(around, tried, row));
    view! {
        <section class="panel" id="actions" aria-labelledby="actions-title">
            <h2 id="actions-title">"Action taken"</h2>
            <div class="panel-body">
                <FormResult tried=tried.of("block") wrong=&["gone"]/>
                {["require", "handle"].map(|name| view! { <FormResult tried=tried.of(name)/> })}
                {state}
                {handled.map_or_else(
                    || view! { <p>"Nobody has handled this report yet."</p> }.into_any(),
                    IntoAny::into_any,
                )}
                {forms}
            </div>
        </section>
    }
}

fn blocked(block: &Block, sight: Sight, now: DateTime<Utc>) -> impl IntoView + use<> {
    let until = until(block.until);
    let what = match block.only_channel {
        None => format!("The user is blocked {until}"),
        Some(channel) => format!("The user is offered {channel} only, {until}"),
    };
    let why = sight.text_owned(&block.reason);
    view! {
        <p>
            <b>{what}</b>" by "{sight.text_owned(&block.by)}", since "<When time=block.since now/>": "{why}
        </p>
    }
}

fn forms(around: &ReportContext, tried: &Outcome, row: &Row) -> impl IntoView + use<> {
    let report = row.id;
    let user = row.user.clone();
    let unblock = around.block.as_ref().map(|block| {
        let tried = tried.of(&format!("unblock-{}", block.id));
        let whom = user.clone();
        view! { <EndForm action="/_fn/unblock" id=block.id report=Some(report) verb="Unblock" whom tried/> }
    });
    let verb = if row.handled.is_some() { "Change the note" } else { "Mark as handled" };
    let handle = tried.of("handle");
    let note = handle.error("note");
    let open = note.is_some();
    let value = match (&note, &row.handled) {
        (Some(_), _) => handle.value("note"),
        (None, handled) => {
            handled.as_ref().and_then(|handled| handled.note.clone()).unwrap_or_default()
        }
    };
    view! {
        <div class="acts">
            {unblock}
            <BlockUser user=user.clone() report partly=false tried=tried.of("block")/>
            <BlockUser user report partly=true tried=tried.of("require")/>
            <details class="act" open=open>
                <summary>{verb}</summary>
                <form class="form" method="post" action="/_fn/handle-report">
                    <Hidden values=vec![("report".to_owned(), report.to_string())]/>
                    <Field
                        label="Note" name="note" value=value error=note
                        help="What was found and done; at most 500 characters."
                    />
                    <div class="form-end"><Button kind=ButtonKind::Primary>{verb}</Button></div>
                </form>
            </details>
        </div>
    }
}
