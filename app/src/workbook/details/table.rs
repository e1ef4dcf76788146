//! The table of single failures.

use super::super::rows::{linked, pager, sort_column};
use super::super::view::{Panel, ResolvedView};
use crate::names::channel_name;
use crate::profiles::links;
use crate::ui::{Copy, Icon, LongText, SortHeader};
use domain::failures::{self, Failure, Listing};
use domain::names::{Kind, Settings};
use domain::workbook::Sight;
use domain::zone::Style;
use domain::{PhoneNumber, Reason};
use leptos::prelude::*;

/// The columns after the time; only those in `Panel::columns` can be sorted by.
fn shown_columns(panel: Panel) -> &'static [&'static str] {
    match panel {
        Panel::NumberEvents => &["journey", "reason", "channel", "flow", "operation"],
        _ => &["flow", "phone", "ip", "operation", "reason"],
    }
}

/// The column to sort by, from its index in `Panel::columns`.
pub(super) fn column(panel: Panel, at: Option<usize>) -> failures::Column {
    let name = at.and_then(|at| panel.columns().get(at));
    name.and_then(|name| name.parse().ok()).unwrap_or(failures::Column::Time)
}

fn label(name: &str) -> &'static str {
    match name {
        "time" => "Time",
        "flow" => "Flow",
        "phone" => "Number",
        "ip" => "IP address",
        "operation" => "Operation",
        "journey" => "Correlation id",
        "channel" => "Method",
        _ => "Reason",
    }
}

/// A column's header, with a link if rows can be sorted by it.
fn header(panel: Panel, asked: &ResolvedView, name: &'static str) -> AnyView {
    let at = panel.columns().iter().position(|column| *column == name);
    if at.is_none() && name != panel.own_order() {
        return view! { <th scope="col" data-column=name>{label(name)}</th> }.into_any();
    }
    let column = sort_column(&asked.view, panel, name, label(name), at);
    view! { <SortHeader column/> }.into_any()
}

#[component]
pub(super) fn FailuresTable(
    panel: Panel,
    asked: ResolvedView,
    listing: Listing,
    names: Settings,
) -> impl IntoView {
    let columns = shown_columns(panel);
    let headers = std::iter::once("time").chain(columns.iter().copied());
    let headers = headers.map(|name| header(panel, &asked, name)).collect_view();
    let body = listing
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<_> =
                columns.iter().map(|name| cell(name, row, &asked, &names)).collect();
            view! { <tr>{time(row, &asked)}{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-frame">
            <table class="rows failures">
                <caption class="hidden">{panel.title()}</caption>
                <thead><tr>{headers}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        {pager(&asked.view, panel, listing.matching)}
    }
}

/// The time, as a link to the attempt.
fn time(row: &Failure, asked: &ResolvedView) -> AnyView {
    let exact = asked.zone.format(row.time, Style::Exact);
    let text = asked.zone.format(row.time, Style::Second);
    let time = view! { <time datetime=row.time.to_rfc3339() title=exact>{text}</time> };
    let time = match row.attempt {
        Some(id) => {
            view! { <a href=format!("/attempts/{id}") title="The attempt">{time}</a> }.into_any()
        }
        None => time.into_any(),
    };
    view! { <td class="figure when">{time}</td> }.into_any()
}

fn cell(name: &'static str, row: &Failure, asked: &ResolvedView, names: &Settings) -> AnyView {
    match name {
        "flow" if !row.flow.is_empty() => flow(&row.flow, asked, names),
        "phone" if !row.phone.is_empty() => phone(&row.phone, asked),
        "ip" if !row.ip.is_empty() => {
            let page = row.ip.parse().ok().map(|ip| (links::ip(ip), "The address's page"));
            figure(row.ip.clone(), true, page, "ip", &row.ip, asked)
        }
        "operation" if !row.operation.is_empty() => {
            view! { <td class="text"><LongText text=row.operation.clone()/></td> }.into_any()
        }
        "reason" if !row.reason.is_empty() || !row.reason_text.is_empty() => reason(row, asked),
        "channel" => match row.channel {
            Some(channel) => {
                let words = channel_name(channel);
                view! { <td class="text">{linked(words, "channel", channel.as_str(), asked)}</td> }
                    .into_any()
            }
            None => none(),
        },
        "journey" if !row.journey.is_empty() => {
            let copy = view! { <Copy value=row.journey.clone()/> };
            let journey = view! { <code><LongText text=row.journey.clone()/></code> };
            view! { <td class="figure"><span class="with-copy">{journey}{copy}</span></td> }
                .into_any()
        }
        _ => none(),
    }
}

fn none() -> AnyView {
    view! { <td class="none">"not recorded"</td> }.into_any()
}

/// A flow's name, with its id in the tooltip.
fn flow(id: &str, asked: &ResolvedView, names: &Settings) -> AnyView {
    let name = names.name(Kind::Flow, id).to_owned();
    let shown = if name == id {
        view! { <LongText text=name/> }.into_any()
    } else {
        view! { <span class="named" title=id.to_owned()>{name}</span> }.into_any()
    };
    view! { <td class="text">{linked(shown, "flow", id, asked)}</td> }.into_any()
}

/// A number, masked if necessary, with a link to its page.
fn phone(whole: &str, asked: &ResolvedView) -> AnyView {
    let Ok(number) = whole.parse::<PhoneNumber>() else { return none() };
    let page = (links::number(&asked.key.number(number)), "The number's page");
    let copied = asked.sight == Sight::Whole;
    figure(asked.sight.number(number), copied, Some(page), "phone", whole, asked)
}

/// A number or an IP address, with a filter link, a copy button and a link to its page.
fn figure(
    text: String,
    copied: bool,
    page: Option<(String, &'static str)>,
    column: &'static str,
    key: &str,
    asked: &ResolvedView,
) -> AnyView {
    let copy = copied.then(|| view! { <Copy value=text.clone()/> });
    let page = page.map(|(href, label)| {
        view! { <a class="cell-page" href=href title=label aria-label=label><Icon name="open"/></a> }
    });
    let text = linked(view! { <LongText text/> }, column, key, asked);
    view! { <td class="figure"><span class="with-copy">{text}{copy}{page}</span></td> }.into_any()
}

/// The source's text of the reason, or ours if it has none. The tooltip and the filter have the
/// code.
fn reason(row: &Failure, asked: &ResolvedView) -> AnyView {
    let words = row.reason.parse::<Reason>().map(Reason::words).unwrap_or_default();
    let text = if row.reason_text.is_empty() { words.to_owned() } else { row.reason_text.clone() };
    let title = format!("{}: {text}", row.reason);
    let shown = view! { <span class="reason-words" title=title>{text}</span> };
    view! { <td class="text">{linked(shown, "reason", &row.reason, asked)}</td> }.into_any()
}
