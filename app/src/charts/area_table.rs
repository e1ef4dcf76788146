//! A chart's numbers, whole: a row for each bucket.

use super::paint::Ink;
use super::times::{cell, range};
use domain::series::Chart;
use domain::zone::Zone;
use islands::text::thousands;
use leptos::prelude::*;

/// What all series together were in the range before.
pub(crate) const BEFORE: &str = "Period before";

/// One series as legends, tables and the crosshair name it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// Its name.
    pub(crate) name: String,
    /// Where a click on it leads.
    pub(crate) link: Option<String>,
    /// Its colour.
    pub(crate) ink: Ink,
}

/// Buckets down, series across, their sum at the end.
#[component]
pub(crate) fn AreaTable(
    /// The chart's word.
    word: &'static str,
    /// Its name.
    title: &'static str,
    /// What it shows.
    chart: Chart,
    /// The series' names.
    series: Vec<Named>,
    /// Whose clocks the times follow.
    zone: Zone,
    /// Whether the series add up to something.
    #[prop(default = true)]
    sum: bool,
    /// What the range before is called, where it is there too.
    #[prop(default = BEFORE)]
    before: &'static str,
) -> impl IntoView {
    let counts: Vec<&Vec<u64>> =
        chart.series.iter().map(|one| &one.counts).chain(&chart.other).collect();
    let names = series.into_iter().map(|Named { name, link, .. }| {
        let named = match link {
            Some(href) => view! { <a href=href>{name}</a> }.into_any(),
            None => name.into_any(),
        };
        view! { <th scope="col">{named}</th> }
    });
    let names = names.collect_view();
    let sums = chart.sums();
    let past = chart.before.as_ref();
    let width =
        |at: usize| chart.starts.get(at + 1).copied().unwrap_or(chart.end) - chart.starts[at];
    let rows = (0..chart.starts.len())
        .map(|at| {
            let time = cell(chart.starts[at], width(at), zone);
            let mut row = format!("<th scope=\"row\">{time}</th>");
            // Written here rather than by the view: 1,500 rows of 13 cells.
            for counts in &counts {
                push(&mut row, counts.get(at));
            }
            if sum {
                push(&mut row, sums.get(at));
            }
            if let Some(past) = past {
                push(&mut row, past.get(at));
            }
            format!("<tr>{row}</tr>")
        })
        .collect::<String>();
    let span = chart.starts.first().map(|first| range(*first, chart.end, zone)).unwrap_or_default();
    view! {
        <div class="series-frame" id=format!("{word}-numbers") tabindex="0" role="group" aria-label=format!("{title}, numbers")>
            <table class="series-rows">
                <caption class="hidden">{format!("{title}, {span}")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{format!("Time ({})", zone.name())}</th>
                        {names}
                        {sum.then(|| view! { <th scope="col">"Total"</th> })}
                        {past.map(|_| view! { <th scope="col">{before}</th> })}
                    </tr>
                </thead>
                <tbody inner_html=rows></tbody>
            </table>
        </div>
    }
}

fn push(row: &mut String, count: Option<&u64>) {
    let count = count.copied().unwrap_or(0);
    let cell = if count == 0 {
        "<td class=\"none\">0</td>".to_owned()
    } else {
        format!("<td>{}</td>", thousands(count))
    };
    row.push_str(&cell);
}
