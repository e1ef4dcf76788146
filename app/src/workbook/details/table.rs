//! The rows as a table.

use super::super::rows::{linked, pager};
use super::super::view::{Asked, Panel};
use crate::names::channel_name;
use crate::profiles::links;
use crate::ui::{Align, Column, Copy, Icon, LongText, SortHeader};
use domain::failures::{self, Failure, Listing};
use domain::names::{Kind, Settings};
use domain::signins::reason_words;
use domain::workbook::{Sight, Sort};
use domain::zone::Style;
use domain::{PhoneNumber, Reason};
use leptos::prelude::*;

/// The columns after the time, as they are shown; those of the panel can be sorted by.
fn shown(panel: Panel) -> &'static [&'static str] {
    match panel {
        Panel::NumberEvents => &["journey", "reason", "channel", "flow", "operation"],
        _ => &["flow", "phone", "ip", "operation", "reason"],
    }
}

/// What the rows are sorted by, from the number of a panel's column.
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

/// A column's header; one that cannot be sorted by has no link.
fn header(panel: Panel, asked: &Asked, name: &'static str) -> AnyView {
    let now = asked.view.tile(panel).sort;
    let at = panel.columns().iter().position(|column| *column == name);
    let own = name == panel.own_order();
    if at.is_none() && !own {
        return view! { <th scope="col" data-column=name>{label(name)}</th> }.into_any();
    }
    let chosen = now.column == at;
    let sort = Sort { column: at, reversed: chosen && !now.reversed };
    let href = asked.view.with_tile(panel, |tile| {
        tile.sort = sort;
        tile.page = 1;
    });
    let column = Column {
        name,
        label: label(name),
        id: format!("{panel}-sort-{name}"),
        href: href.href_at(panel),
        // Words rise and times fall by nature.
        rising: chosen.then_some(at.is_some() != now.reversed),
        align: Align::Left,
    };
    view! { <SortHeader column/> }.into_any()
}

/// The table and its pager.
#[component]
pub(super) fn FailuresTable(
    /// Whose rows.
    panel: Panel,
    /// What the page asks.
    asked: Asked,
    /// The rows of the page shown.
    listing: Listing,
    /// What flows are called.
    names: Settings,
) -> impl IntoView {
    let columns = shown(panel);
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

/// When; a link to the attempt it was part of.
fn time(row: &Failure, asked: &Asked) -> AnyView {
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

fn cell(name: &'static str, row: &Failure, asked: &Asked, names: &Settings) -> AnyView {
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

/// A flow by its name, its id in the tooltip.
fn flow(id: &str, asked: &Asked, names: &Settings) -> AnyView {
    let name = names.name(Kind::Flow, id).to_owned();
    let shown = if name == id {
        view! { <LongText text=name/> }.into_any()
    } else {
        view! { <span class="named" title=id.to_owned()>{name}</span> }.into_any()
    };
    view! { <td class="text">{linked(shown, "flow", id, asked)}</td> }.into_any()
}

/// A number as it may be seen, and the way to its page.
fn phone(whole: &str, asked: &Asked) -> AnyView {
    let Ok(number) = whole.parse::<PhoneNumber>() else { return none() };
    let page = (links::number(&asked.key.number(number)), "The number's page");
    let copied = asked.sight == Sight::Whole;
    figure(asked.sight.number(number), copied, Some(page), "phone", whole, asked)
}

/// A number or an address: filters by a click, copies by another, and leads to its own page.
fn figure(
    text: String,
    copied: bool,
    page: Option<(String, &'static str)>,
    column: &'static str,
    key: &str,
    asked: &Asked,
) -> AnyView {
    let copy = copied.then(|| view! { <Copy value=text.clone()/> });
    let page = page.map(|(href, label)| {
        view! { <a class="cell-page" href=href title=label aria-label=label><Icon name="open"/></a> }
    });
    let text = linked(view! { <LongText text/> }, column, key, asked);
    view! { <td class="figure"><span class="with-copy">{text}{copy}{page}</span></td> }.into_any()
}

/// The source's own words, or ours where it had none; the neutral reason in the tooltip and as
/// the filter.
fn reason(row: &Failure, asked: &Asked) -> AnyView {
    let words = row.reason.parse::<Reason>().map(reason_words).unwrap_or_default();
    let text = if row.reason_text.is_empty() { words.to_owned() } else { row.reason_text.clone() };
    let title = format!("{}: {text}", row.reason);
    let shown = view! { <span class="reason-words" title=title>{text}</span> };
    view! { <td class="text">{linked(shown, "reason", &row.reason, asked)}</td> }.into_any()
}
