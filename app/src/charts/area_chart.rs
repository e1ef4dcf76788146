//! A chart of stacked areas with its legend, or its table.

use super::area::{POINTS, TOP, area};
use super::area_table::{AreaTable, BEFORE, SeriesLabel};
use super::paint::MarkColour;
use super::points::Points;
use super::times::{labels, range};
use domain::series::{Chart, OTHER};
use domain::zone::Zone;
use islands::text::{share, thousands};
use leptos::prelude::*;

/// Counts over time, the largest series at the bottom.
#[component]
pub(crate) fn AreaChart(
    /// Name in URLs, and prefix of ids.
    word: &'static str,
    title: &'static str,
    chart: Chart,
    /// Names of the series, in the order of the chart, without `Other`.
    names: Vec<String>,
    /// Links of the names, in the same order.
    #[prop(default = Vec::new())]
    links: Vec<Option<String>>,
    #[prop(default = Zone::utc())] zone: Zone,
    /// What is counted, such as "failures".
    unit: &'static str,
    /// Whether to show the table instead.
    #[prop(optional)]
    table: bool,
) -> impl IntoView {
    let links = links.into_iter().chain(std::iter::repeat(None));
    let mut series: Vec<SeriesLabel> = names
        .into_iter()
        .zip(links)
        .enumerate()
        .take(chart.series.len())
        .map(|(at, (name, link))| SeriesLabel { name, link, ink: MarkColour::Series(at) })
        .collect();
    if chart.other.is_some() {
        series.push(SeriesLabel { name: OTHER.to_owned(), link: None, ink: MarkColour::Other });
    }
    if table {
        return view! { <AreaTable word title chart series zone/> }.into_any();
    }
    let points = Points::of(&chart, POINTS);
    let inks: Vec<_> = series.iter().map(|one| one.ink).collect();
    let picture = area(&points, &inks, zone);
    let total: u64 = chart.sums().iter().sum();
    let span = chart.starts.first().map(|first| range(*first, chart.end, zone)).unwrap_or_default();
    let label = format!("{title}: {} {unit}, {span}", thousands(total));
    let style = format!("--top:{TOP}px;--digits:{}", picture.digits);
    view! {
        <figure
            class="area" id=format!("{word}-picture") data-figure="" data-title=title
            data-times=labels(&points, zone).join("|") data-values=points.written()
            data-before=points.before.is_some().then_some("")
        >
            <div class="plot" style=style>
                <svg class="drawing" width="100%" height=picture.height role="img" aria-label=label inner_html=picture.svg></svg>
                <Probe title shown=points.len() series=series.clone() before=points.before.is_some().then_some(BEFORE) sum=true/>
            </div>
            <Legend series chart total/>
        </figure>
    }
    .into_any()
}

/// The area where pointer and keys move the crosshair; it needs a script. It is a slider, so that
/// screen readers read the values.
#[component]
pub(crate) fn Probe(
    title: &'static str,
    /// Number of points.
    shown: usize,
    series: Vec<SeriesLabel>,
    /// Name of the previous range, if it is shown.
    #[prop(into, default = None)]
    before: Option<&'static str>,
    /// Whether to show the sum of the series.
    #[prop(optional)]
    sum: bool,
) -> impl IntoView {
    let row = |name: String, ink: MarkColour| {
        view! { <tr><th scope="row"><span class="swatch" data-series=ink.word()></span>{name}</th><td></td></tr> }
    };
    let rows =
        series.into_iter().map(|SeriesLabel { name, ink, .. }| row(name, ink)).collect_view();
    let before = before.map(|name| row(name.to_owned(), MarkColour::Ghost));
    view! {
        <div
            class="probe" role="slider" tabindex="0" aria-label=format!("Values of {title} over time")
            aria-valuemin="0" aria-valuemax=shown.saturating_sub(1) aria-valuenow="0"
            aria-valuetext="Arrow keys move along the time"
        ></div>
        <table class="readout" aria-hidden="true" hidden>
            <caption></caption>
            <tbody>
                {rows}
                {before}
                {sum.then(|| view! { <tr data-sum=""><th scope="row">"Total"</th><td></td></tr> })}
            </tbody>
        </table>
    }
    .into_any()
}

/// Each series with its count and share. With a script, its swatch hides and shows it.
#[component]
fn Legend(series: Vec<SeriesLabel>, chart: Chart, total: u64) -> impl IntoView {
    let sums: Vec<u64> = chart
        .series
        .iter()
        .map(domain::series::Series::total)
        .chain(chart.other.iter().map(|counts| counts.iter().sum()))
        .collect();
    let before = chart.before.as_ref().map(|counts| {
        view! {
            <li>
                <span class="swatch" data-series=MarkColour::Ghost.word()></span>
                <span class="legend-name">{BEFORE}</span>
                <span class="legend-count">{thousands(counts.iter().sum())}</span>
                <span class="legend-share"></span>
            </li>
        }
    });
    let items = series
        .into_iter()
        .zip(sums)
        .map(|(SeriesLabel { name, link, ink }, sum)| {
            let named = match link {
                Some(href) => view! { <a href=href title=name.clone() data-keep="">{name.clone()}</a> }.into_any(),
                None => name.clone().into_any(),
            };
            view! {
                <li>
                    <button type="button" class="toggle" aria-pressed="true" aria-label=format!("Show {name}") title="Show or hide">
                        <span class="swatch" data-series=ink.word()></span>
                    </button>
                    <span class="legend-name">{named}</span>
                    <span class="legend-count">{thousands(sum)}</span>
                    <span class="legend-share">{share(sum, total)}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="legend series">{items}{before}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::samples::chart;
    use crate::ui::testing::assert_has;

    fn html(table: bool, chart: Chart) -> String {
        let names = vec!["+371 25•••94".to_owned(), "<b>".to_owned()];
        let links = vec![Some("/?number=n_1".to_owned())];
        Owner::new().with(|| {
            view! {
                <AreaChart
                    word="failures-by-number" title="Failed by number" chart names links
                    zone=Zone::utc() unit="failures" table
                />
            }
            .to_html()
        })
    }

    #[test]
    fn a_picture_with_its_legend_and_values() {
        let html = html(false, chart(3, &[("a", |at| at), ("b", |_| 1)], Some(|_| 2), true));
        assert_has(
            &html,
            &[
                "aria-label=\"Failed by number: 12 failures, 1 Nov 2026, 00:00 UTC to 1 Nov 2026, 03:00 UTC\"",
                "data-values=\",1,2;1,1,1;2,2,2;3,4,5\"",
                "data-times=\"1 Nov 00:00|1 Nov 01:00|1 Nov 02:00\"",
                "href=\"/?number=n_1\"",
                "&lt;b&gt;",
                "aria-label=\"Show Other\"",
                "data-series=\"2\"",
                "fill=\"#020202\"",
                "role=\"slider\"",
                "Previous period",
                "25 %",
            ],
        );
        assert!(!html.contains("<b>"));
    }

    #[test]
    fn the_numbers_are_one_click_away() {
        let html = html(true, chart(3, &[("a", |at| at), ("b", |_| 1_000)], Some(|_| 2), true));
        assert_has(
            &html,
            &["2026-11-01 02:00", "<th scope=\"col\"", "Other", "Previous period", "1,004"],
        );
        assert!(!html.contains("<svg"));
    }
}
