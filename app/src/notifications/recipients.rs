//! The table of recipients.

use super::{kinds::in_words, recipient_path};
use crate::ui::{Empty, LongText, Panel, Table, Th, When};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use store::recipients::Row;

#[component]
pub(super) fn Recipients(rows: Vec<Row>, may: bool, now: DateTime<Utc>) -> impl IntoView {
    let body = if rows.is_empty() {
        view! {
            <Empty>
                "Nobody is notified of fraud reports yet. "
                {may.then(|| view! { <a href="#add">"Add a recipient"</a> "." })}
            </Empty>
        }
        .into_any()
    } else {
        let rows = rows.into_iter().map(|row| line(row, may, now)).collect_view();
        let heads = [
            Th::wide("Recipient"),
            Th::left("By"),
            Th::left("Alerts"),
            Th::left("State"),
            Th::left("Added"),
            Th::left("Added by"),
        ];
        let change = may.then(|| Th::left("Change").unseen());
        let heads: Vec<Th> = heads.into_iter().chain(change).collect();
        view! { <Table caption="Recipients" by="recipients-title" heads>{rows}</Table> }.into_any()
    };
    view! { <Panel id="recipients" by="recipients-title" title="Recipients">{body}</Panel> }
}

fn line(row: Row, may: bool, now: DateTime<Utc>) -> impl IntoView {
    let change = format!("{}#recipient", recipient_path(row.id));
    let label = format!("Change {}", row.address);
    view! {
        <tr>
            <th scope="row" class="wide"><LongText text=row.address.clone()/></th>
            <td>{row.kind.label()}</td>
            <td class="kinds">{in_words(&row.events)}</td>
            <td><State row=row.clone()/></td>
            <td><When time=row.created now/></td>
            <td>{row.created_by}</td>
            {may.then(|| view! { <td><a href=change aria-label=label>"Change"</a></td> })}
        </tr>
    }
}

#[component]
pub(super) fn State(row: Row) -> impl IntoView {
    let (class, words) = match (row.stopped, row.paused) {
        (Some(_), _) => ("state warning", "Stopped by its link"),
        (None, true) => ("state quiet", "Paused"),
        (None, false) => ("state good", "Active"),
    };
    view! { <span class=class>{words}</span> }
}
