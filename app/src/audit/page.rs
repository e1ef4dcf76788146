//! The page `/audit`.

use super::query::{AuditPageStart, PATH, View};
use super::{check::check, rows::Entries};
use crate::page::{Head, PageContext, frame, log_load_error, query};
use crate::ui::{Button, Empty, Field, Icon, PageHead, Panel, Select};
use chrono::{DateTime, Utc};
use domain::{Fault, Invalid, audit::Activity, workbook::Sight, zone::Style};
use engine::Engine;
use islands::LiveIntake;
use leptos::prelude::*;
use store::audit::{Filter, Row};

const HEAD: Head = Head {
    title: "Audit log",
    line: "Who changed or saw what, from where, and when.",
    failed: "The audit log could not be read.",
};
/// Entries per page.
const SIZE: usize = 50;

#[component]
pub(crate) fn AuditPage() -> impl IntoView {
    let view = View::read(&query());
    frame(HEAD, |visit| parts(visit, view))
}

fn parts(visit: PageContext, view: View) -> AnyView {
    let PageContext { engine, sight, now, .. } = visit;
    let export = view.export();
    let asked = view.ask(sight);
    // Links must not carry a search that the role forbids.
    let refused = asked.invalid.fields.iter().filter(|error| error.code == Fault::Forbidden);
    let view = refused.fold(view, |view, error| view.with(&error.field, ""));
    let entries = {
        let (engine, view, asked) = (engine.clone(), view.clone(), asked.clone());
        async move {
            if asked.invalid.fields.is_empty() {
                entries(engine, view, asked.filter, sight, now).await
            } else {
                view! { <Empty>"Nothing is shown, because a filter is not valid. "<a href=PATH>"Clear the filters"</a>"."</Empty> }.into_any()
            }
        }
    };
    view! {
        <PageHead title=HEAD.title line=HEAD.line><Export href=export/></PageHead>
        <div class="panels">
            {Suspend::new(check(engine, view.href()))}
            <Filters view invalid=asked.invalid/>
            <Panel by="entries-title" title="Entries">
                {Suspend::new(entries)}
            </Panel>
        </div>
        <LiveIntake/>
    }
    .into_any()
}

/// Link to the report `audit` over the range shown, or the last 30 days.
#[component]
fn Export(href: String) -> impl IntoView {
    let words = if href.contains("from=") { "Export this range" } else { "Export 30 days" };
    view! { <a class="button" href=href><Icon name="download"/>{words}</a> }
}

#[component]
fn Filters(view: View, invalid: Invalid) -> impl IntoView {
    let error = |field: &str| invalid.of(field).map(str::to_owned);
    let all = (String::new(), "All activities".to_owned());
    let words = Activity::ALL.iter().map(|a| (a.as_str().to_owned(), a.as_str().to_owned()));
    let mut options: Vec<_> = words.collect();
    options.sort_unstable();
    options.insert(0, all);
    let zone = crate::zone::current();
    view! {
        <form class="audit-filters" role="search" aria-label="Filter the log" method="get" action=PATH>
            <Field
                label="Actor" name="actor" kind="search" value=view.value("actor") error=error("actor")
                help="An e-mail address, or key: and a key's name."
            />
            <Select
                label="Activity" name="activity" options value=view.value("activity")
                error=error("activity")
            />
            <Field
                label="Object" name="object" kind="search" value=view.value("object")
                error=error("object") help="The beginning of its name."
            />
            <Field label=format!("From ({zone})") name="from" kind="datetime-local" value=local(view.value("from")) error=error("from") step="1"/>
            <Field label=format!("To ({zone})") name="to" kind="datetime-local" value=local(view.value("to")) error=error("to") step="1"/>
            <div class="filters-end">
                <Button>"Filter"</Button>
                {view.is_filtered().then(|| view! { <a href=PATH>"Clear the filters"</a> })}
            </div>
        </form>
    }
}

/// A time in the format of `<input type="datetime-local">`; a text that is no time stays as it is.
fn local(typed: &str) -> String {
    let zone = crate::zone::current();
    zone.read(typed).map_or_else(|_| typed.to_owned(), |time| zone.format(time, Style::Input))
}

async fn entries(
    engine: Engine,
    view: View,
    filter: Filter,
    sight: Sight,
    now: DateTime<Utc>,
) -> AnyView {
    match load(&engine, &filter, &view, sight).await {
        Ok(EntriesPage { rows, newer, older }) if !rows.is_empty() => {
            view! { <Entries view rows newer older now sight/> }.into_any()
        }
        Ok(_) if view.is_filtered() => {
            view! { <Empty>"No entry matches. "<a href=PATH>"Clear the filters"</a>"."</Empty> }.into_any()
        }
        Ok(_) if view.place != AuditPageStart::Newest => {
            view! { <Empty>"There are no older entries. "<a href=PATH>"Go to the newest"</a>"."</Empty> }
                .into_any()
        }
        Ok(_) => view! { <Empty>"Nothing was changed yet."</Empty> }.into_any(),
        Err(error) => log_load_error("the audit log", &error).view(HEAD.failed, view.href()),
    }
}

/// Entries of a page, and whether there are newer and older ones.
struct EntriesPage {
    rows: Vec<Row>,
    newer: bool,
    older: bool,
}

/// The entries; an opened one is loaded with its full documents.
async fn load(
    engine: &Engine,
    filter: &Filter,
    view: &View,
    sight: Sight,
) -> Result<EntriesPage, store::Error> {
    let mut found = page(engine, filter, view.place).await?;
    if let Some(begin) = &filter.object {
        // Compare with the masked text, so that hidden digits cannot be searched for.
        let begin = begin.to_lowercase();
        found.rows.retain(|row| {
            sight.text(&row.entry.object).to_lowercase().starts_with(&begin)
                || sight == Sight::Whole
        });
        found.older &= !found.rows.is_empty();
        found.newer &= !found.rows.is_empty();
    }
    let opened = found.rows.iter_mut().find(|row| row.cut && Some(row.entry.seq) == view.opened);
    if let Some(row) = opened
        && let Some(whole) = store::audit::one(engine.db.read(), row.entry.seq).await?
    {
        *row = whole;
    }
    Ok(found)
}

async fn page(
    engine: &Engine,
    filter: &Filter,
    place: AuditPageStart,
) -> Result<EntriesPage, store::Error> {
    let pool = engine.db.read();
    // One more than shown tells whether there is another page.
    let limit = i64::try_from(SIZE + 1).unwrap_or(i64::MAX);
    if let AuditPageStart::After(seq) = place {
        let mut rows = store::audit::newer(pool, filter, seq, limit).await?;
        let newer = rows.len() > SIZE;
        if newer {
            rows.remove(0);
        }
        return Ok(EntriesPage { rows, newer, older: true });
    }
    let before = match place {
        AuditPageStart::Before(seq) => Some(seq),
        AuditPageStart::Newest | AuditPageStart::After(_) => None,
    };
    let mut rows = store::audit::list(pool, filter, before, limit).await?;
    let older = rows.len() > SIZE;
    rows.truncate(SIZE);
    Ok(EntriesPage { rows, newer: before.is_some(), older })
}
