//! The page `/fraud-alerts/{id}`: one report, what is known around it, and what can be done.

use super::facts::{Around, Earlier, Facts, Prompts};
use super::forms::{BlockUser, Done, EndForm};
use super::links::report_path;
use crate::error::NotFound;
use crate::form::{Outcome, last};
use crate::ui::{Button, ButtonKind, Failed, Field, Hidden, Notice, NoticeKind, PageHead, When};
use crate::who;
use crate::zone::moment;
use chrono::{DateTime, Utc};
use domain::roles::Permission;
use domain::workbook::Sight;
use engine::Engine;
use http::StatusCode;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_router::hooks::use_params_map;
use store::blocks::Block;
use store::fraud_reports::Row;
use uuid::Uuid;

const TITLE: &str = "Fraud report";

/// One report.
#[component]
pub fn ReportPage() -> impl IntoView {
    let id = use_params_map().get_untracked().get("id").unwrap_or_default();
    let Ok(id) = id.parse::<Uuid>() else { return view! { <NotFound/> }.into_any() };
    let (engine, response) = (use_context::<Engine>(), use_context::<ResponseOptions>());
    let (sight, guards, tried) = (who::sight(), who::may(Permission::Guard), last());
    view! {
        <Suspense fallback=|| ()>
            {Suspend::new(async move {
                let Some(engine) = engine else { return lost(id, "the engine is not running") };
                match Around::load(&engine, id, sight).await {
                    Ok(Some(around)) => {
                        let now = engine.clock().now();
                        shown(around, Looker { sight, guards, tried, now }).into_any()
                    }
                    Ok(None) => {
                        if let Some(response) = response {
                            response.set_status(StatusCode::NOT_FOUND);
                        }
                        view! { <NotFound/> }.into_any()
                    }
                    Err(error) => lost(id, &error.to_string()),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Who looks, and when.
struct Looker {
    sight: Sight,
    guards: bool,
    tried: Outcome,
    now: DateTime<Utc>,
}

fn shown(around: Around, looker: Looker) -> impl IntoView {
    let user = looker.sight.said(&around.row.user);
    let line = format!("{user} says that this sign-in was not theirs.");
    let mark = around.fatigue.map(|fatigue| {
        view! {
            <Notice kind=NoticeKind::Warning><b>{fatigue.mark()}</b></Notice>
        }
    });
    let actions = actions(&around, &looker);
    let Looker { sight, now, .. } = looker;
    view! {
        <PageHead title=TITLE line=line/>
        <div class="panels">
            {mark}
            {actions}
            <Facts around=around.clone() sight now/>
            <Prompts around=around.clone() now/>
            <Earlier around now/>
        </div>
    }
}

/// How the user and the report are now, and what can be done about it.
fn actions(around: &Around, looker: &Looker) -> impl IntoView + use<> {
    let Looker { sight, guards, tried, now } = looker;
    let row = &around.row;
    let state = match &around.block {
        Some(block) => blocked(block, *sight, *now).into_any(),
        None => view! { <p>"The user is not blocked."</p> }.into_any(),
    };
    let handled = row.handled.as_ref().map(|handled| {
        let note = handled.note.as_ref().map(|note| format!(": {}", sight.said(note)));
        view! {
            <p>"Handled "<When time=handled.at now=*now/>" by "{sight.said(&handled.by)}{note}</p>
        }
    });
    let gone = tried.of("block").error("gone");
    let forms = guards.then(|| forms(around, tried, row));
    view! {
        <section class="panel" id="actions" aria-labelledby="actions-title">
            <h2 id="actions-title">"What is done about it"</h2>
            <div class="panel-body">
                {["block", "require", "handle"].map(|name| view! { <Done tried=tried.of(name)/> })}
                {gone.map(|words| view! { <Notice kind=NoticeKind::Failed>{words}</Notice> })}
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
    let until = match block.until {
        Some(until) => format!("until {}", moment(until)),
        None => "until unblocked".to_owned(),
    };
    let what = match block.only_channel {
        None => format!("The user is blocked {until}"),
        Some(channel) => format!("The user is offered {channel} only, {until}"),
    };
    let why = sight.said(&block.reason);
    view! {
        <p>
            <b>{what}</b>" by "{sight.said(&block.by)}", since "<When time=block.since now/>": "{why}
        </p>
    }
}

fn forms(around: &Around, tried: &Outcome, row: &Row) -> impl IntoView + use<> {
    let report = row.id;
    let user = row.user.clone();
    let unblock = around.block.as_ref().map(|block| {
        let tried = tried.of(&format!("unblock-{}", block.id));
        let whom = user.clone();
        view! { <EndForm action="/_fn/unblock" id=block.id report=Some(report) verb="Unblock" whom tried/> }
    });
    let verb = if row.handled.is_some() { "Change the note" } else { "Mark handled" };
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

fn lost(id: Uuid, error: &str) -> AnyView {
    let reference = crate::error::reference();
    tracing::error!(%reference, error, "a fraud report could not be read");
    view! {
        <PageHead title=TITLE/>
        <Failed what="The report could not be read." reference retry=report_path(id)/>
    }
    .into_any()
}
