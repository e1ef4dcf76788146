//! The table of entries, and the links to newer and older ones.

use super::difference::{DifferenceLine, DocumentDifference, difference, text_as_seen};
use super::query::{AuditPageStart, View};
use crate::ui::{Icon, LongText, Table, Th, When};
use chrono::{DateTime, Utc};
use domain::workbook::Sight;
use islands::text::{counted, thousands};
use leptos::prelude::*;
use store::audit::Row;

#[component]
pub(super) fn Entries(
    view: View,
    /// Newest first; not empty.
    rows: Vec<Row>,
    newer: bool,
    older: bool,
    now: DateTime<Utc>,
    sight: Sight,
) -> impl IntoView {
    let first = rows.first().map(|row| row.entry.seq);
    let last = rows.last().map(|row| row.entry.seq);
    let newer =
        first.filter(|_| newer).map(|seq| view.clone().at(AuditPageStart::After(seq)).href());
    let older =
        last.filter(|_| older).map(|seq| view.clone().at(AuditPageStart::Before(seq)).href());
    let newest = (view.place != AuditPageStart::Newest && newer.is_some())
        .then(|| view.clone().at(AuditPageStart::Newest).href());
    let lines = rows.into_iter().map(|row| line(&view, row, now, sight)).collect::<Vec<_>>();
    view! {
        <Table caption="Entries, newest first" by="entries-title" table="list entries" heads=[
            Th::right("Entry"), Th::left("Time"), Th::left("Actor"), Th::left("Activity"),
            Th::of("what", "Object"), Th::left("Source address"),
        ]>{lines}</Table>
        <nav class="entries-foot" aria-label="Pages of the audit log">
            {newest.map(|href| view! { <a class="button" href=href>"Newest"</a> })}
            {newer.map(|href| view! { <a class="button" href=href rel="prev"><Icon name="left"/>"Newer"</a> })}
            {older.map(|href| view! { <a class="button" href=href rel="next">"Older"<Icon name="right"/></a> })}
        </nav>
    }
}

fn line(view: &View, row: Row, now: DateTime<Utc>, sight: Sight) -> impl IntoView + use<> {
    let entry = row.entry;
    let found = difference(entry.before.as_deref(), entry.after.as_deref(), sight);
    let shown_actor = text_as_seen(&entry.actor, sight);
    // No filter link for a masked actor: its URL would contain the digits.
    let actor = (shown_actor == entry.actor).then(|| view.with("actor", &entry.actor).href());
    let activity = view.with("activity", &entry.activity).href();
    let object = text_as_seen(&entry.object, sight);
    let id = format!("entry-{}", entry.seq);
    let whole = row.cut.then(|| format!("{}#{id}", view.open(entry.seq).href()));
    let open = view.opened == Some(entry.seq);
    view! {
        <tr id=id>
            <th scope="row" class="right" data-as-it-is="">{entry.seq}</th>
            <td><When time=entry.time now/></td>
            <td class="name">
                {match actor {
                    Some(href) => {
                        view! { <a href=href title="Only this actor"><LongText text=shown_actor/></a> }
                            .into_any()
                    }
                    None => view! { <LongText text=shown_actor/> }.into_any(),
                }}
            </td>
            <td><a href=activity title="Only this activity">{entry.activity}</a></td>
            <td class="what">
                <LongText text=object/>
                {(!found.lines.is_empty()).then(|| view! { <Changes found open/> })}
                {whole.map(|href| view! { <a href=href>"What changed"</a> })}
            </td>
            <td>{entry.source_ip.unwrap_or_else(|| "–".to_owned())}</td>
        </tr>
    }
}

/// What an entry changed, in a `<details>`.
#[component]
fn Changes(
    found: DocumentDifference,
    /// Whether the link "What changed" led here.
    open: bool,
) -> impl IntoView {
    let DocumentDifference { lines, same, more } = found;
    let (was, is) = (
        lines.iter().any(|line| line.before.is_some()),
        lines.iter().any(|line| line.after.is_some()),
    );
    let label = match (was, is) {
        (true, true) => "What changed",
        (true, false) => "Details before",
        _ => "Details",
    };
    let rows = lines.into_iter().map(|DifferenceLine { name, before, after }| {
        let before = was.then(|| side(before));
        let after = is.then(|| side(after));
        view! { <tr><th scope="row">{name}</th>{before}{after}</tr> }
    });
    let rows = rows.collect::<Vec<_>>();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let same = (same > 0).then(|| {
        format!("{} unchanged.", counted(count(same), "other value is", "other values are"))
    });
    let more = (more > 0).then(|| format!("{} more.", thousands(count(more))));
    view! {
        <details class="changes" open=open>
            <summary>{label}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        {was.then(|| view! { <th scope="col">"Before"</th> })}
                        {is.then(|| view! { <th scope="col">{if was { "After" } else { "Value" }}</th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {same.map(|words| view! { <p>{words}</p> })}
            {more.map(|words| view! { <p>{words}</p> })}
        </details>
    }
}

fn side(value: Option<String>) -> impl IntoView {
    match value {
        Some(value) => view! { <td>{value}</td> }.into_any(),
        None => view! { <td class="none">"–"</td> }.into_any(),
    }
}
