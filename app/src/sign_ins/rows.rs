//! The table of attempts, and links to newer and older ones.

use super::links::{attempt_path, log};
use crate::names::{FlowName, channel_name};
use crate::profiles::links;
use crate::ui::{Copy, Icon, LongText, Table, Th, none};
use crate::zone::moment;
use chrono::{DateTime, Utc};
use domain::Kind;
use domain::signins::{Page, PageStart, View, outcome_words};
use domain::workbook::Sight;
use domain::zone::Style;
use engine::signins::{LinkedName, SignIn};
use islands::text::{capital, counted};
use leptos::prelude::*;

/// The outcome is at the left, because a narrow screen cuts off the right.
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

/// The table of a page of the log.
#[component]
pub(super) fn Log(
    view: View,
    place: PageStart,
    /// Not empty.
    page: Page<SignIn>,
    sight: Sight,
) -> impl IntoView {
    // The search may have stopped before the end of the range.
    let words = match (page.looked_to, place) {
        (None, _) => ["Newer", "Older"],
        (Some(_), PageStart::After(_)) => ["Search further on", "Older"],
        (Some(_), _) => ["Newer", "Search further back"],
    };
    let newest = page.newer.is_some();
    let foot = foot("Pages of the log", &page, newest, words, |place| log(&view.at(place)));
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
    let text = |value: Option<String>| value.map_or_else(none, |value| value.into_any());
    let anchor = |href: String, text: String, copies: bool| {
        let copy = copies.then(|| view! { <Copy value=text.clone()/> });
        view! { <span class="with-copy"><a href=href><LongText text/></a>{copy}</span> }.into_any()
    };
    let named = |href: fn(&str) -> String, named: Option<LinkedName>, copies: bool| {
        named.map_or_else(none, |named| anchor(href(&named.handle), named.text, copies))
    };
    let ip = row.ip.map(|ip| anchor(links::ip(ip), ip.to_string(), true));
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

/// The reason in our words, and below it in the source's.
fn detail(reason: Option<domain::Reason>, text: Option<String>) -> impl IntoView {
    let words = reason.filter(|reason| *reason != domain::Reason::Unknown || text.is_none());
    let words = words.map(|reason| capital(reason.words()));
    let text = text.map(|text| view! { <span class="detail-text"><LongText text/></span> });
    view! { {words}{text} }
}

/// A time to the second, with the exact UTC time in the tooltip.
#[component]
pub(crate) fn Clock(time: DateTime<Utc>) -> impl IntoView {
    let exact = time.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string();
    let shown = crate::zone::current().format(time, Style::Log);
    view! { <time datetime=time.to_rfc3339() title=exact>{shown}</time> }.into_any()
}

/// The outcome of an attempt or the kind of an event, as a coloured label.
#[component]
pub(crate) fn Outcome(kind: Kind) -> impl IntoView {
    let class = match kind {
        Kind::Verified | Kind::Approved => "outcome verified",
        Kind::Sent | Kind::Delivered => "outcome sent",
        Kind::Failed | Kind::Undelivered | Kind::Expired => "outcome failed",
        Kind::Blocked => "outcome blocked",
        Kind::Reported | Kind::Denied => "outcome warning",
        Kind::Requested | Kind::Refused | Kind::Prompted => "outcome",
    };
    view! { <span class=class>{outcome_words(kind)}</span> }.into_any()
}

/// How many are shown, how far back was searched, and links to the newest, newer and older ones.
pub(crate) fn foot<T>(
    label: &'static str,
    page: &Page<T>,
    newest: bool,
    [newer, older]: [&'static str; 2],
    href: impl Fn(PageStart) -> String,
) -> AnyView {
    let count = counted(page.rows.len() as u64, "attempt", "attempts");
    let looked = page.looked_to.map(|to| format!(", looked as far as {}", moment(to)));
    let newest =
        newest.then(|| view! { <a class="button" href=href(PageStart::Newest)>"Newest"</a> });
    let newer = page.newer.map(|cursor| {
        let href = href(PageStart::After(cursor));
        view! { <a class="button" rel="prev" href=href><Icon name="left"/>{newer}</a> }
    });
    let older = page.older.map(|cursor| {
        let href = href(PageStart::Before(cursor));
        view! { <a class="button" rel="next" href=href>{older}<Icon name="right"/></a> }
    });
    view! {
        <nav class="pager" aria-label=label>
            <span class="shown">{count}{looked}</span>
            <span class="steps">{newest}{newer}{older}</span>
        </nav>
    }
    .into_any()
}
