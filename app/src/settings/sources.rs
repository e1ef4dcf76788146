//! The table of sources.

use crate::ui::when::length;
use crate::ui::{Empty, Panel, Table, Th, When, none};
use chrono::{DateTime, TimeDelta, Utc};
use engine::sources::{SourceHealth, SourceState};
use islands::text::thousands;
use leptos::prelude::*;

/// The table of sources, with their state.
#[component]
pub(crate) fn Sources(sources: Vec<SourceHealth>, now: DateTime<Utc>) -> impl IntoView {
    let rows = sources.into_iter().map(|source| row(source, now)).collect::<Vec<_>>();
    let empty = rows.is_empty();
    view! {
        <Panel id="sources" by="sources-title" title="Sources">
            {if empty {
                view! {
                    <Empty>
                        "No source has sent anything yet. "<a href="#import">"Import a log"</a>
                        ", or send events with an API key."
                    </Empty>
                }
                .into_any()
            } else {
                view! {
                    <Table caption="Sources" by="sources-title" heads=[
                        Th::wide("Source"), Th::left("State"), Th::left("Last event"),
                        Th::left("Newest event"), Th::right("Delay"), Th::right("Last hour"),
                        Th::right("Events"), Th::right("Duplicates"), Th::right("Rejected"),
                    ]>{rows}</Table>
                }
                .into_any()
            }}
        </Panel>
    }
}

fn row(source: SourceHealth, now: DateTime<Utc>) -> impl IntoView {
    let (class, words, more) = match source.state {
        SourceState::Live => ("state good", "Live", String::new()),
        SourceState::Files => ("state quiet", "Files only", String::new()),
        SourceState::Silent(silent) => {
            ("state warning", "Silent", format!(" for {}", length(silent)))
        }
    };
    // The delay of an imported file says nothing about its source.
    let delay = match (source.state, source.delay) {
        (SourceState::Files, _) | (_, None) => none(),
        (_, Some(delay)) => length(delay.max(TimeDelta::zero())).into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="wide">{source.name}</th>
            <td><span class=class>{words}</span>{more}</td>
            <td><When time=source.last_received now/></td>
            <td>{source.last_event.map(|time| view! { <a href=up_to(time)><When time now/></a> })}</td>
            <td class="right">{delay}</td>
            <td class="right">{thousands(source.last_hour)}</td>
            <td class="right">{thousands(source.accepted)}</td>
            <td class="right">{thousands(source.duplicates)}</td>
            <td class="right">{thousands(source.rejected)}</td>
        </tr>
    }
}

/// The workbook's 30 days up to an event.
fn up_to(time: DateTime<Utc>) -> String {
    let to = time + TimeDelta::minutes(1);
    let from = to - TimeDelta::days(30);
    let format = "%Y-%m-%dT%H:%M:00Z";
    format!("/?from={}&to={}", from.format(format), to.format(format))
}
