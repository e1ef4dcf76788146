//! Common parts of the page's lists: paging, and the table of blocks and bypasses.

use super::{forms::EndForm, given::PageData};
use crate::profiles::links;
use crate::ui::{Icon, LongText, Table, Th, When, none};
use chrono::{DateTime, Utc};
use domain::blocks::{BlockKind, value_text};
use leptos::prelude::*;
use store::blocks::End;
use uuid::Uuid;

/// Rows per page.
const ROWS: usize = 50;
/// Rows to read: one more than shown tells whether there is another page.
pub(super) const READ: i64 = 51;

/// Cuts the rows to one page; returns the URL of the next page, if there is one.
pub(super) fn cut<T>(rows: &mut Vec<T>, next: impl FnOnce(&T) -> String) -> Option<String> {
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    rows.last().filter(|_| more).map(next)
}

/// URL of the first page, unless it is shown.
pub(super) fn first(given: &PageData) -> Option<String> {
    given.view.place().map(|_| given.view.with(&[]).href())
}

/// Links to the first and the next page.
#[component]
pub(super) fn Steps(
    /// What the list contains, for the accessible name.
    of: &'static str,
    #[prop(optional)] shown: Option<String>,
    first: Option<String>,
    next: Option<String>,
    /// Labels of the two links.
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

/// A row: a block or a bypass.
pub(super) struct ListingRow {
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

/// How it ended, or the form to end it.
pub(super) enum Ending {
    /// Ended by somebody, or expired.
    Ended(End),
    /// Another text.
    Other(AnyView),
    /// Active: URL and name of the form to end it, and label of its button.
    By { action: &'static str, form: &'static str, verb: &'static str },
}

/// The table; `by` is the id of its title.
pub(super) fn held(
    given: &PageData,
    by: &'static str,
    caption: &'static str,
    heads: [&'static str; 7],
    lines: impl Iterator<Item = ListingRow>,
) -> AnyView {
    let rows = lines.map(|one| line(one, given)).collect::<Vec<_>>();
    view! { <Table caption by table="list log" heads=heads.map(Th::left)>{rows}</Table> }.into_any()
}

fn line(line: ListingRow, given: &PageData) -> AnyView {
    let ListingRow { id, kind, value, state, until, reason, by, since, end } = line;
    let (sight, now) = (given.visit.sight, given.visit.now);
    let what = value_text(kind, &value, sight);
    let end = match end {
        Ending::Ended(End { time, by, reason }) => {
            let (by, why) = (sight.text_owned(&by), sight.text_owned(&reason));
            view! { <When time now/>" by "{by}": "{why} }.into_any()
        }
        Ending::Other(view) => view,
        Ending::By { action, form, verb } if given.visit.guards => {
            let tried = given.visit.tried.of(&format!("{form}-{id}"));
            view! { <EndForm action id verb whom=what.clone() tried/> }.into_any()
        }
        Ending::By { .. } => none(),
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
            <td class="detail">{sight.text_owned(&reason)}</td>
            <td class="name"><LongText text=sight.text_owned(&by)/></td>
            <td><When time=since now/></td>
            <td class="end">{end}</td>
        </tr>
    }
    .into_any()
}
