//! The tab of bypasses.

use super::listing::{Ending, ListingRow, READ, Steps, cut, held};
use super::{given::PageData, view::Tab};
use crate::form::Outcome;
use crate::ui::{Button, Empty, Field, FormResult, Panel, When, needed_field, reason_field};
use chrono::{DateTime, Utc};
use islands::text::counted;
use leptos::prelude::*;
use store::After;
use store::bypasses::{Bypass, Filter};

pub(super) async fn panel(given: &PageData) -> store::Result<AnyView> {
    let now = given.visit.now;
    let pool = given.visit.engine.db.read();
    let filter = Filter::default();
    let mut rows = store::bypasses::list(pool, &filter, given.view.place(), READ, now).await?;
    let on = cut(&mut rows, |row| given.view.after(After { time: row.since, id: row.id }));
    let tried = given.visit.tried.of("bypass");
    let body = if rows.is_empty() {
        view! { <Empty>"No bypasses yet."</Empty> }.into_any()
    } else {
        table(rows, given, on).into_any()
    };
    Ok(view! {
        <div class="panels">
            <FormResult tried=tried.clone() wrong=&["gone"]/>
            {given.visit.guards.then(|| view! { <BypassForm tried/> })}
            <Panel by="bypasses-title" title="Bypasses">{body}</Panel>
        </div>
    }
    .into_any())
}

#[component]
fn BypassForm(tried: Outcome) -> impl IntoView {
    let told = tried.is_told() && tried.done().is_none();
    let minutes = if told { tried.value("minutes") } else { "15".to_owned() };
    view! {
        <Panel id="bypass" by="bypass-title" title="Let a user or number through once">
            <form class="form panel-body" method="post" action="/_fn/give-bypass">
                {needed_field(&tried, "User or number", "value", "The first attempt that is allowed uses it up.")}
                <Field
                    label="Minutes" name="minutes" kind="text" value=minutes error=tried.error("minutes")
                    help="How long the bypass can be used: 1 to 10080 (7 days)." required=true
                />
                {reason_field("", &tried)}
                <div class="form-end"><Button>"Give a bypass"</Button></div>
            </form>
        </Panel>
    }
}

const COLUMNS: [&str; 7] = ["For whom", "State", "Until", "Why", "By", "Since", "End"];

fn table(rows: Vec<Bypass>, given: &PageData, on: Option<String>) -> impl IntoView + use<> {
    let shown = counted(rows.len() as u64, "bypass", "bypasses");
    let lines = rows.into_iter().map(|row| line(row, given.visit.now));
    let table = held(given, "bypasses-title", "Bypasses, newest first", COLUMNS, lines);
    let first = given.view.place().map(|_| Tab::Bypasses.path());
    view! { {table}<Steps of="bypasses" shown first next=on/> }
}

fn line(row: Bypass, now: DateTime<Utc>) -> ListingRow {
    let ended = row.ended(now);
    let (class, state) = match (row.used, &ended) {
        (Some(_), _) => ("outcome verified", "Used"),
        (None, Some(_)) => ("outcome", "Ended"),
        (None, None) => ("outcome sent", "Open"),
    };
    let end = match (row.used, ended) {
        (Some(used), _) => Ending::Other(view! { "Used "<When time=used now/> }.into_any()),
        (None, Some(end)) => Ending::Ended(end),
        (None, None) => Ending::By { action: "/_fn/end-bypass", form: "end", verb: "End bypass" },
    };
    let state = view! { <span class=class>{state}</span> }.into_any();
    let until = view! { <When time=row.until now/> }.into_any();
    let Bypass { id, kind, value, reason, by, since, .. } = row;
    ListingRow { id, kind, value, state, until, reason, by, since, end }
}
