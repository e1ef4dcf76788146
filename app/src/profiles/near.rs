//! Neighbours with failures: numbers of the same block, or addresses of the same network.

use super::links;
use super::view::SubjectKind;
use crate::fraud_alerts::block_form;
use crate::ui::{Bar, Empty, Notice, NoticeKind, When, fact, none};
use chrono::{DateTime, TimeDelta, Utc};
use domain::neighbours::{Hour, Neighbour, OPEN};
use engine::profiles::Near;
use engine::signins::LinkedName;
use islands::text::{counted, thousands};
use leptos::prelude::*;

/// Most further hours that are listed.
const HOURS: usize = 4;
/// Fewest neighbours in the same hour for a notice: in busy blocks one or two fail by chance.
const MANY: u64 = 3;
/// Neighbours that are shown at once; the rest is folded.
const SHOWN: usize = 8;

/// Singular and plural of a neighbour.
fn nouns(what: SubjectKind) -> (&'static str, &'static str) {
    match what {
        SubjectKind::Ip => ("other address of its network", "other addresses of its network"),
        _ => ("adjacent number", "adjacent numbers"),
    }
}

/// Address of the workbook for an hour.
fn hour_path(start: DateTime<Utc>) -> String {
    let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let pairs = [("from", time(start)), ("to", time(start + TimeDelta::hours(1)))];
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("/?{query}")
}

/// A link to the workbook: `1 Dec 2020, 14:00 to 15:00 UTC`.
fn hour_link(start: DateTime<Utc>) -> AnyView {
    let end = start + TimeDelta::hours(1);
    let words = format!("{} to {} UTC", start.format("%-d %b %Y, %H:%M"), end.format("%H:%M"));
    view! { <a href=hour_path(start)>{words}</a> }.into_any()
}

/// The notice at the top of the page, if many neighbours failed.
#[component]
pub(super) fn NearNotice(what: SubjectKind, near: Near) -> impl IntoView {
    let (one, more) = nouns(what);
    let hour = near.found.hours.first().copied().filter(|hour| hour.neighbours >= MANY);
    near.found.sentence(one, more).zip(hour).map(|(words, hour)| {
        view! {
            <Notice kind=NoticeKind::Warning>
                <b>{words}</b> ": " {hour_link(hour.start)} ". "
                <a href="#near">"View neighbours"</a>
            </Notice>
        }
    })
}

/// The panel of neighbours.
#[component]
pub(super) fn NearPanel(
    what: SubjectKind,
    near: Near,
    /// Handle of the number; `None` if the user may not block.
    block: Option<String>,
    now: DateTime<Utc>,
) -> impl IntoView {
    let title = match what {
        SubjectKind::Ip => "Its network",
        _ => "Its block of numbers",
    };
    let widest = near.within.last().cloned().unwrap_or_default();
    let blocks = block.map(|handle| block_links(&handle, &near.within));
    let hours = near.found.hours.iter().skip(1).take(HOURS).map(further).collect::<Vec<_>>();
    let hours = (!hours.is_empty()).then(|| {
        view! { <p>"Other hours in which it failed with neighbours:"</p><ul class="plain-list">{hours}</ul> }
    });
    let part = near.hours_only.then_some(
        "The range goes back further than the data in memory: only the hours of its own failures \
         were checked.",
    );
    let (one, more) = nouns(what);
    let first = near.found.hours.first().copied();
    let said = match (near.found.sentence(one, more), first) {
        (Some(words), Some(hour)) => {
            view! { <p><b>{words}</b>": "{hour_link(hour.start)}"."</p> }.into_any()
        }
        _ if near.found.own == 0 => {
            view! { <p>"It had no failures of its own in this range."</p> }.into_any()
        }
        _ => view! { <p>"No neighbour failed in an hour in which it failed."</p> }.into_any(),
    };
    let counts = counts(what, &near);
    let shown = near.found.rows.len() as u64;
    let rest = near.found.all.saturating_sub(shown);
    let rest = (rest > 0)
        .then(|| view! { <p class="panel-note">{format!("and {} more", thousands(rest))}</p> });
    let table = if near.found.rows.is_empty() {
        view! { <Empty>{format!("Nothing else in {widest} failed in this range.")}</Empty> }
            .into_any()
    } else {
        let mut rows = near.found.rows;
        let folded = rows.split_off(rows.len().min(SHOWN));
        let largest = rows.iter().chain(&folded).map(|row| row.failures).max().unwrap_or(0);
        let folded = (!folded.is_empty()).then(|| {
            let count = counted(folded.len() as u64, "more neighbour", "more neighbours");
            let title = "More neighbours that failed";
            view! {
                <details class="more-near">
                    <summary>{format!("Show {count}")}</summary>
                    {table(what, title, folded, largest, now)}
                </details>
            }
        });
        let title = "Neighbours that failed, those of the same hours first";
        view! { {table(what, title, rows, largest, now)}{folded} }.into_any()
    };
    view! {
        <section class="panel" id="near" aria-labelledby="near-title">
            <h2 id="near-title">{title}" "<code>{widest}</code></h2>
            <div class="panel-body">{said}{hours}{counts}{part.map(|words| view! { <p>{words}</p> })}{blocks}</div>
            {table}
            {rest}
        </section>
    }
}

fn further(hour: &Hour) -> impl IntoView + use<> {
    let count = counted(hour.neighbours, "neighbour", "neighbours");
    view! { <li>{hour_link(hour.start)}", "{count}</li> }
}

/// Number of neighbours by distance.
fn counts(what: SubjectKind, near: &Near) -> AnyView {
    if what == SubjectKind::Ip {
        let count = counted(near.found.all, "other address", "other addresses");
        return view! { <p>{count}" of it failed in this range."</p> }.into_any();
    }
    let items = OPEN
        .iter()
        .zip(near.found.within)
        .map(|(open, count)| {
            let count = counted(count, "other number", "other numbers");
            fact(format!("All but the last {open} digits"), view! { {count}" failed" })
        })
        .collect::<Vec<_>>();
    view! { <dl class="near-counts">{items}</dl> }.into_any()
}

/// Links to the block form, narrowest block first.
fn block_links(handle: &str, within: &[String]) -> impl IntoView + use<> {
    let links = OPEN
        .iter()
        .zip(within)
        .map(|(open, block)| {
            let href = block_form(handle, Some(*open));
            view! { <a class="button" href=href>"Block "{block.clone()}</a> }
        })
        .collect::<Vec<_>>();
    view! { <div class="acts">{links}</div> }
}

fn table(
    what: SubjectKind,
    title: &'static str,
    rows: Vec<Neighbour<LinkedName>>,
    largest: u64,
    now: DateTime<Utc>,
) -> AnyView {
    let ip = what == SubjectKind::Ip;
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = if ip {
                row.of.text.parse().map(links::ip).unwrap_or_default()
            } else {
                links::number(&row.of.handle)
            };
            let together = match row.together {
                0 => none(),
                count => thousands(count).into_any(),
            };
            view! {
                <tr>
                    <th scope="row" class="figure"><a href=href>{row.of.text}</a></th>
                    {(!ip).then(|| view! { <td class="right figure">{row.open}</td> })}
                    <td><Bar text=thousands(row.failures) count=row.failures largest/></td>
                    <td class="right figure">{together}</td>
                    <td><When time=row.last now/></td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    let name = if ip { "Address" } else { "Number" };
    view! {
        <div class="table-frame near-frame" role="group" tabindex="0" aria-label=title>
            <table class="rows near">
                <caption class="hidden">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col" data-column="near">{name}</th>
                        {(!ip).then(|| view! {
                            <th scope="col" class="right" data-column="open" title="Last digits that differ, at most">"Digits"</th>
                        })}
                        <th scope="col" data-column="failures">"Failures"</th>
                        <th scope="col" class="right" data-column="together">"Same hours"</th>
                        <th scope="col" data-column="last">"Last"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_an_address() {
        let start = domain::period::parse_time("2020-12-12T23:00:00Z").unwrap();
        assert_eq!(hour_path(start), "/?from=2020-12-12T23%3A00%3A00Z&to=2020-12-13T00%3A00%3A00Z");
    }
}
