//! The history of the settings, and conflicting changes.

use crate::ui::versions::{FIRST, history};
use crate::ui::{Notice, NoticeKind};
use chrono::{DateTime, Utc};
use domain::fraud_alerts::{Field, Settings};
use engine::settings::{Difference, PastVersion};
use leptos::prelude::*;
use serde_json::Value;

pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::Bool(true) => "On".to_owned(),
        Value::Bool(false) => "Off".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn label(name: &str) -> String {
    Settings::field(name).map_or_else(|| name.to_owned(), |field| field.label.to_owned())
}

/// Both versions side by side, if somebody else saved first.
#[component]
pub(super) fn Stale(
    words: String,
    /// Who saved first.
    by: String,
    document: Value,
    mine: Vec<(&'static Field, String)>,
) -> impl IntoView {
    let rows = mine
        .into_iter()
        .map(|(field, mine)| {
            let theirs = document.get(field.name).cloned().unwrap_or_default();
            let mine = match (&theirs, mine.is_empty()) {
                (Value::Bool(_), empty) => value(&Value::Bool(!empty)),
                _ => mine,
            };
            let theirs = value(&theirs);
            let differs = theirs != mine;
            view! {
                <tr class:differs=differs>
                    <th scope="row">{field.label}</th>
                    <td>{theirs}</td>
                    <td>{mine}{differs.then_some(" (differs)")}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <Notice kind=NoticeKind::Failed>
            <p>
                {words}" The current settings were saved by "<b>{by}</b>
                ". What you entered is below; save again to apply it."
            </p>
            <table class="list versions">
                <caption class="hidden">"Both versions"</caption>
                <thead>
                    <tr><th scope="col">"Setting"</th><th scope="col">"Current"</th><th scope="col">"Yours"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Notice>
    }
}

/// The history, with forms to restore for those who may.
pub(super) fn versions(
    past: Vec<PastVersion>,
    version: i64,
    sets_up: bool,
    now: DateTime<Utc>,
) -> AnyView {
    let restore = sets_up.then_some("/_fn/restore-fraud-alerts");
    let past = past.into_iter().map(|mut past| {
        let differences = std::mem::take(&mut past.differences);
        (past, differences)
    });
    history(past, version, now, FIRST, restore, |differences| {
        let differences = differences.into_iter().map(difference).collect::<Vec<_>>();
        view! { <ul class="plain-list">{differences}</ul> }
    })
}

fn difference(difference: Difference) -> impl IntoView {
    let Difference { name, before, after } = difference;
    view! {
        <li>
            {label(&name)}": "<del>{value(&before)}</del>" → "<ins>{value(&after)}</ins>
        </li>
    }
}
