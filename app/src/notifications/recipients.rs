//! The table of recipients.

use super::kinds::in_words;
use super::recipient_path;
use crate::ui::{Empty, LongText, When};
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use store::recipients::Row;

/// Every recipient, and the way to change one.
#[component]
pub(super) fn Recipients(
    /// The recipients.
    rows: Vec<Row>,
    /// Whether the reader may change them.
    may: bool,
    /// Now.
    now: DateTime<Utc>,
) -> impl IntoView {
    let body = if rows.is_empty() {
        view! {
            <Empty>
                "Nobody is told of fraud reports yet. "
                {may.then(|| view! { <a href="#add">"Add a recipient"</a> "." })}
            </Empty>
        }
        .into_any()
    } else {
        let rows = rows.into_iter().map(|row| line(row, may, now)).collect_view();
        view! {
            <div class="table-frame" role="group" tabindex="0" aria-labelledby="recipients-title">
                <table class="list">
                    <caption class="hidden">"Recipients"</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="wide">"Recipient"</th>
                            <th scope="col">"By"</th>
                            <th scope="col">"Alerts"</th>
                            <th scope="col">"State"</th>
                            <th scope="col">"Added"</th>
                            <th scope="col">"Added by"</th>
                            {may.then(|| view! { <th scope="col"><span class="hidden">"Change"</span></th> })}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="panel" id="recipients" aria-labelledby="recipients-title">
            <h2 id="recipients-title">"Recipients"</h2>
            {body}
        </section>
    }
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

/// Whether a recipient gets alerts, as a word.
#[component]
pub(super) fn State(
    /// The recipient.
    row: Row,
) -> impl IntoView {
    let (class, words) = match (row.stopped, row.paused) {
        (Some(_), _) => ("state warning", "Stopped by its link"),
        (None, true) => ("state quiet", "Paused"),
        (None, false) => ("state good", "Active"),
    };
    view! { <span class=class>{words}</span> }
}
