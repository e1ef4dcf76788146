//! Attempts as a table, and the ways to newer and older ones.

use super::links::{attempt_path, log};
use crate::names::{FlowName, channel_name};
use crate::profiles::links;
use crate::ui::{Copy, Icon, LongText, Table, Th};
use crate::zone::moment;
use chrono::{DateTime, Utc};
use domain::Kind;
use domain::signins::{Page, Place, View, outcome_words, reason_words};
use domain::workbook::Sight;
use domain::zone::Style;
use engine::signins::{Named, SignIn};
use islands::text::{capital, counted};
use leptos::prelude::*;

/// What became of it stands first: where the table is wider than the screen, the rest is cut.
const COLUMNS: [&str; 10] = [
    "Time",
    "Outcome",
    "Detail",
    "User",
    "Number",
    "Region",
    "Channel",
    "IP address",
    "Flow",
    "Browser",
];

/// A page of the log.
#[component]
pub(super) fn Log(
    /// The page's state.
    view: View,
    /// Where the page begins.
    place: Place,
    /// What was found; not nothing.
    page: Page<SignIn>,
    /// How much of a number is shown.
    sight: Sight,
) -> impl IntoView {
    let foot = foot(&view, place, &page);
    let rows = page.rows.into_iter().map(|row| line(row, sight)).collect::<Vec<_>>();
    view! {
        <Table
            caption="Attempts, newest first" by="log-title" table="list log"
            heads=COLUMNS.map(Th::left)
        >{rows}</Table>
        {foot}
    }
}

fn line(row: SignIn, sight: Sight) -> impl IntoView {
    let none = || view! { <span class="none">"–"</span> }.into_any();
    let text = |value: Option<String>| value.map_or_else(none, |value| value.into_any());
    let named = |href: fn(&str) -> String, named: Option<Named>, copies: bool| match named {
        None => none(),
        Some(Named { text, handle }) => {
            let copy = copies.then(|| view! { <Copy value=text.clone()/> });
            let href = href(&handle);
            view! { <span class="with-copy"><a href=href><LongText text/></a>{copy}</span> }
                .into_any()
        }
    };
    let ip = row.ip.map(|ip| {
        let (text, href) = (ip.to_string(), links::ip(ip));
        let copy = view! { <Copy value=text.clone()/> };
        view! { <span class="with-copy"><a href=href><LongText text/></a>{copy}</span> }.into_any()
    });
    view! {
        <tr>
            <th scope="row"><a href=attempt_path(row.id)><Clock time=row.time/></a></th>
            <td><Outcome kind=row.outcome/></td>
            <td class="detail">{detail(row.reason, row.reason_text)}</td>
            <td class="name">{named(links::user, row.user, false)}</td>
            <td class="figure">{named(links::number, row.number, sight == Sight::Whole)}</td>
            <td>{text(row.region.map(|region| region.to_string()))}</td>
            <td>{text(row.channel.map(|channel| channel_name(channel).to_owned()))}</td>
            <td class="figure">{ip.unwrap_or_else(none)}</td>
            <td class="name">{row.flow.map_or_else(none, |id| view! { <FlowName id/> }.into_any())}</td>
            <td>{text(row.browser)}</td>
        </tr>
    }
}

/// Why, in our words, and in the source's below.
fn detail(reason: Option<domain::Reason>, text: Option<String>) -> impl IntoView {
    let words = reason.filter(|reason| *reason != domain::Reason::Unknown || text.is_none());
    let words = words.map(|reason| capital(reason_words(reason)));
    let text = text.map(|text| view! { <span class="detail-text"><LongText text/></span> });
    view! { {words}{text} }
}

/// An instant to the second, as a log has it.
#[component]
pub fn Clock(
    /// The time.
    time: DateTime<Utc>,
) -> impl IntoView {
    let exact = time.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string();
    let shown = crate::zone::current().format(time, Style::Log);
    view! { <time datetime=time.to_rfc3339() title=exact>{shown}</time> }
}

/// An outcome, or what an event tells of: a word with its meaning's mark.
#[component]
pub fn Outcome(
    /// Which.
    kind: Kind,
) -> impl IntoView {
    let class = match kind {
        Kind::Verified | Kind::Approved => "outcome verified",
        Kind::Sent | Kind::Delivered => "outcome sent",
        Kind::Failed | Kind::Undelivered | Kind::Expired => "outcome failed",
        Kind::Blocked => "outcome blocked",
        Kind::Reported | Kind::Denied => "outcome warning",
        Kind::Requested | Kind::Refused | Kind::Prompted => "outcome",
    };
    view! { <span class=class>{outcome_words(kind)}</span> }
}

/// How many are shown, how far was looked, and the ways on.
fn foot(view: &View, place: Place, page: &Page<SignIn>) -> impl IntoView + use<> {
    let count = counted(page.rows.len() as u64, "attempt", "attempts");
    let looked = page.looked_to.map(|to| format!(", looked as far as {}", moment(to)));
    // One of the two ways may have ended before the range did.
    let (on, back) = match (page.looked_to, place) {
        (None, _) => ("Newer", "Older"),
        (Some(_), Place::After(_)) => ("Search further on", "Older"),
        (Some(_), _) => ("Newer", "Search further back"),
    };
    let newest = page.newer.map(|_| {
        let href = log(&view.at(Place::Newest));
        view! { <a class="button" href=href>"Newest"</a> }
    });
    let newer = page.newer.map(|cursor| {
        let href = log(&view.at(Place::After(cursor)));
        view! { <a class="button" rel="prev" href=href><Icon name="left"/>{on}</a> }
    });
    let older = page.older.map(|cursor| {
        let href = log(&view.at(Place::Before(cursor)));
        view! { <a class="button" rel="next" href=href>{back}<Icon name="right"/></a> }
    });
    view! {
        <nav class="pager" aria-label="Pages of the log">
            <span class="shown">{count}{looked}</span>
            <span class="steps">{newest}{newer}{older}</span>
        </nav>
    }
}
