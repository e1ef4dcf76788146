//! What the page's lists have in common: how many rows a page holds, the ways to newer and older
//! ones, and the rows of what holds for somebody: blocks and bypasses.

use super::forms::EndForm;
use super::given::Given;
use crate::profiles::links;
use crate::ui::{Icon, LongText, Table, Th, When};
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, shown};
use leptos::prelude::*;
use store::blocks::End;
use uuid::Uuid;

/// Rows of a page.
const ROWS: usize = 50;
/// Rows that are read: one more tells whether there is another page.
pub(super) const READ: i64 = 51;

/// Leaves a page of the rows that were read; the address that goes on, if there are more.
pub(super) fn cut<T>(rows: &mut Vec<T>, next: impl FnOnce(&T) -> String) -> Option<String> {
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    rows.last().filter(|_| more).map(next)
}

/// The address of the first page, for whoever is on a later one.
pub(super) fn first(given: &Given) -> Option<String> {
    given.view.place().map(|_| given.view.with(|_| ()).href())
}

/// The ways to the first page and on.
#[component]
pub(super) fn Steps(
    /// What it pages through, for those who hear the page.
    of: &'static str,
    /// What is shown.
    #[prop(optional)]
    shown: Option<String>,
    /// Where the first page is.
    first: Option<String>,
    /// Where the next page is.
    next: Option<String>,
    /// What the two are called.
    #[prop(default = ["Newest", "Older"])]
    words: [&'static str; 2],
) -> impl IntoView {
    let [back, further] = words;
    let first = first.map(|href| view! { <a class="button" href=href>{back}</a> });
    let next = next.map(|href| {
        view! { <a class="button" rel="next" href=href>{further}<Icon name="right"/></a> }
    });
    view! {
        <nav class="pager" aria-label=format!("Pages of {of}")>
            <span class="shown">{shown}</span>
            <span class="steps">{first}{next}</span>
        </nav>
    }
}

/// Something that holds, or held, for somebody.
pub(super) struct Line {
    pub(super) id: Uuid,
    pub(super) kind: BlockKind,
    pub(super) value: String,
    pub(super) state: AnyView,
    pub(super) until: AnyView,
    pub(super) reason: String,
    pub(super) by: String,
    pub(super) since: DateTime<Utc>,
    pub(super) end: Ending,
}

/// How such a thing ended, or how it is ended.
pub(super) enum Ending {
    /// It did, by somebody or by its time.
    Ended(End),
    /// It did in a way of its own.
    Other(AnyView),
    /// By this form, sent there under this name with a button of this verb.
    By { action: &'static str, form: &'static str, verb: &'static str },
}

/// Such things as a table; `by` is the id of its title.
pub(super) fn held(
    given: &Given,
    by: &'static str,
    caption: &'static str,
    heads: [&'static str; 7],
    lines: impl Iterator<Item = Line>,
) -> AnyView {
    let rows = lines.map(|one| line(one, given)).collect::<Vec<_>>();
    view! { <Table caption by table="list log" heads=heads.map(Th::left)>{rows}</Table> }.into_any()
}

fn line(line: Line, given: &Given) -> AnyView {
    let Line { id, kind, value, state, until, reason, by, since, end } = line;
    let (sight, now) = (given.visit.sight, given.visit.now);
    let what = shown(kind, &value, sight);
    let end = match end {
        Ending::Ended(End { time, by, reason }) => {
            let (by, why) = (sight.said(&by), sight.said(&reason));
            view! { <When time now/>" by "{by}": "{why} }.into_any()
        }
        Ending::Other(view) => view,
        Ending::By { action, form, verb } if given.visit.guards => {
            let tried = given.visit.tried.of(&format!("{form}-{id}"));
            view! { <EndForm action id verb whom=what.clone() tried/> }.into_any()
        }
        Ending::By { .. } => view! { <span class="none">"–"</span> }.into_any(),
    };
    let whom = match links::of_target(&given.key, kind, &value) {
        Some(href) => view! { <a href=href><LongText text=what/></a> }.into_any(),
        None => view! { <LongText text=what/> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="name">{whom}</th>
            <td>{state}</td>
            <td>{until}</td>
            <td class="detail">{sight.said(&reason)}</td>
            <td class="name"><LongText text=sight.said(&by)/></td>
            <td><When time=since now/></td>
            <td class="end">{end}</td>
        </tr>
    }
    .into_any()
}
