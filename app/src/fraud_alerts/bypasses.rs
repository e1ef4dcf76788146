//! The tab of bypasses.

use super::forms::EndForm;
use super::given::Given;
use super::tabs::tab;
use super::view::Tab;
use crate::form::Outcome;
use crate::profiles::links;
use crate::ui::{Button, Empty, Field, Icon, LongText, Told, When};
use chrono::{DateTime, Utc};
use domain::blocks::shown;
use islands::text::counted;
use leptos::prelude::*;
use store::blocks::After;
use store::bypasses::{Bypass, Filter};

/// Rows of a page.
const ROWS: usize = 50;

/// A form for those who may, and the bypasses.
pub(super) async fn panel(given: &Given) -> store::Result<AnyView> {
    let now = given.visit.now;
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let pool = given.visit.engine.db.read();
    let filter = Filter::default();
    let mut rows = store::bypasses::list(pool, &filter, given.view.place(), limit, now).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let on = rows.last().filter(|_| more);
    let on = on.map(|row| given.view.after(After { time: row.since, id: row.id }));
    let tried = given.visit.tried.of("bypass");
    let body = if rows.is_empty() {
        view! { <Empty>"Nobody was given a bypass."</Empty> }.into_any()
    } else {
        table(rows, given, now, on).into_any()
    };
    Ok(view! {
        <div class="panels">
            <Told tried=tried.clone() wrong=&["gone"]/>
            {given.visit.guards.then(|| view! { <BypassForm tried/> })}
            <section class="panel" aria-labelledby="bypasses-title">
                <h2 id="bypasses-title">"Bypasses"</h2>
                {body}
            </section>
        </div>
    }
    .into_any())
}

/// Lets somebody through once.
#[component]
fn BypassForm(tried: Outcome) -> impl IntoView {
    let told = tried.is_told() && tried.done().is_none();
    let minutes = if told { tried.value("minutes") } else { "15".to_owned() };
    view! {
        <section class="panel" id="bypass" aria-labelledby="bypass-title">
            <h2 id="bypass-title">"Let somebody through once"</h2>
            <form class="form panel-body" method="post" action="/_fn/give-bypass">
                <Field
                    label="User or number" name="value" value=tried.value("value") error=tried.error("value")
                    help="The first attempt that is allowed uses it up." required=true
                />
                <Field
                    label="Minutes" name="minutes" kind="text" value=minutes error=tried.error("minutes")
                    help="How long it waits to be used: 1 to 10080 (7 days)." required=true
                />
                <Field
                    label="Reason" name="reason" value=tried.value("reason") error=tried.error("reason")
                    help="Stays on record with your name." required=true
                />
                <div class="form-end"><Button>"Give a bypass"</Button></div>
            </form>
        </section>
    }
}

const COLUMNS: [&str; 7] = ["For whom", "State", "Until", "Why", "By", "Since", "End"];

fn table(
    rows: Vec<Bypass>,
    given: &Given,
    now: DateTime<Utc>,
    on: Option<String>,
) -> impl IntoView + use<> {
    let heads = COLUMNS.map(|label| view! { <th scope="col">{label}</th> }).collect_view();
    let count = counted(rows.len() as u64, "bypass", "bypasses");
    let rows = rows.into_iter().map(|row| line(row, given, now)).collect::<Vec<_>>();
    let newest = given.view.place().map(|_| {
        view! { <a class="button" href=tab(Tab::Bypasses)>"Newest"</a> }
    });
    let older = on.map(|href| {
        view! { <a class="button" rel="next" href=href>"Older"<Icon name="right"/></a> }
    });
    view! {
        <div class="table-frame" role="group" tabindex="0" aria-labelledby="bypasses-title">
            <table class="list log">
                <caption class="hidden">"Bypasses, newest first"</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <nav class="pager" aria-label="Pages of bypasses">
            <span class="shown">{count}</span>
            <span class="steps">{newest}{older}</span>
        </nav>
    }
}

fn line(row: Bypass, given: &Given, now: DateTime<Utc>) -> impl IntoView + use<> {
    let what = shown(row.kind, &row.value, given.visit.sight);
    let ended = row.ended(now);
    let (class, state) = match (row.used, &ended) {
        (Some(_), _) => ("outcome verified", "Used"),
        (None, Some(_)) => ("outcome", "Ended"),
        (None, None) => ("outcome sent", "Can be used"),
    };
    let end = match (row.used, ended) {
        (Some(used), _) => view! { "Used "<When time=used now/> }.into_any(),
        (None, Some(end)) => {
            let why = given.visit.sight.said(&end.reason);
            view! { <When time=end.time now/>" by "{given.visit.sight.said(&end.by)}": "{why} }
                .into_any()
        }
        (None, None) if given.visit.guards => {
            let tried = given.visit.tried.of(&format!("end-{}", row.id));
            let whom = what.clone();
            view! { <EndForm action="/_fn/end-bypass" id=row.id verb="Take back" whom tried/> }
                .into_any()
        }
        (None, None) => view! { <span class="none">"–"</span> }.into_any(),
    };
    let whom = match links::of_target(&given.key, row.kind, &row.value) {
        Some(href) => view! { <a href=href><LongText text=what/></a> }.into_any(),
        None => view! { <LongText text=what/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="name">{whom}</th>
            <td><span class=class>{state}</span></td>
            <td><When time=row.until now/></td>
            <td class="detail">{given.visit.sight.said(&row.reason)}</td>
            <td class="name"><LongText text=given.visit.sight.said(&row.by)/></td>
            <td><When time=row.since now/></td>
            <td class="end">{end}</td>
        </tr>
    }
}
