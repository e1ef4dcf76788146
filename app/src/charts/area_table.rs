//! The table of a chart: a row for each bucket.

use super::paint::MarkColour;
use super::times::{cell, range};
use domain::series::Chart;
use domain::zone::Zone;
use islands::text::thousands;
use leptos::prelude::*;

/// Name of the sum of all series in the previous range.
pub(crate) const BEFORE: &str = "Previous period";

/// Name, link and colour of a series.
#[derive(Debug, Clone)]
pub(crate) struct SeriesLabel {
    pub(crate) name: String,
    pub(crate) link: Option<String>,
    pub(crate) ink: MarkColour,
}

/// A row for each bucket and a column for each series, with the sum as the last column.
#[component]
pub(crate) fn AreaTable(
    word: &'static str,
    title: &'static str,
    chart: Chart,
    series: Vec<SeriesLabel>,
    zone: Zone,
    /// Whether to show the sum of the series.
    #[prop(default = true)]
    sum: bool,
    /// Name of the previous range, if it is shown.
    #[prop(default = BEFORE)]
    before: &'static str,
) -> impl IntoView {
    let counts: Vec<&Vec<u64>> =
        chart.series.iter().map(|one| &one.counts).chain(&chart.other).collect();
    let names = series.into_iter().map(|SeriesLabel { name, link, .. }| {
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
            // As text rather than views, for speed: up to 1,500 rows of 13 cells.
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
    .into_any()
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
