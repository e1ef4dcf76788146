//! The timeline above a page: attempts sent, verified, failed and refused. With a script, the user
//! can select a part of it by pointer or keys, to show the page for that range.

use super::area::TOP;
use super::area_chart::Probe;
use super::area_table::{AreaTable, SeriesLabel};
use super::paint::MarkColour;
use super::points::Points;
use super::strip_draw::{POINTS, share, strip};
use super::times::{labels, range};
use crate::ui::{Delta, Hidden};
use domain::Period;
use domain::series::{Chart, Series};
use domain::zone::{Style, Zone};
use islands::text::thousands;
use leptos::prelude::*;

const TITLE: &str = "Timeline";

/// Name of the previous range, of which only the attempts sent are drawn.
const BEFORE: &str = "Previous period (sent)";

/// The timeline.
#[component]
pub(crate) fn Strip(
    /// Four series with the keys `sent`, `verified`, `failed` and `refused`; `Chart::before` has
    /// the attempts sent.
    chart: Chart,
    /// Totals of the series in the previous range, if it is compared.
    #[prop(into, default = None)]
    before: Option<[u64; 4]>,
    period: Period,
    /// Path of the page, for links and forms.
    #[prop(into, default = "/".to_owned())]
    path: String,
    /// Parameters other than the range, which links keep.
    keep: Vec<(String, String)>,
    #[prop(default = Zone::utc())] zone: Zone,
    /// Address of the wider range, if there is one.
    #[prop(into, default = None)]
    can_zoom_out: Option<String>,
) -> impl IntoView {
    let series: Vec<SeriesLabel> = chart.series.iter().map(named).collect();
    let inks: Vec<_> = series.iter().map(|one| one.ink).collect();
    let points = Points::of(&chart, POINTS);
    let picture = strip(&points, &inks, zone);
    let sums: Vec<u64> = chart.series.iter().map(Series::total).collect();
    let said = |(one, sum): (&SeriesLabel, &u64)| {
        format!("{} {}", thousands(*sum), one.name.to_lowercase())
    };
    let mut said: Vec<_> = series.iter().zip(&sums).map(said).collect();
    if let Some([sent, ..]) = before {
        said.push(format!("{} sent in the previous period", thousands(sent)));
    }
    let span = range(period.from, period.to, zone);
    let label = format!("{TITLE}, {span}: {}", said.join(", "));
    let legend = entries(&series, &sums, before);
    // Begin of each bucket: in seconds, and in hundredths of a percent of the width.
    let edges = points.starts.iter().chain([&points.end]).map(|time| time.timestamp());
    let edges: Vec<_> = edges.map(|seconds| seconds.to_string()).collect();
    let shares = (0..=points.len()).map(|at| format!("{:.0}", share(&points, at) * 10_000.0));
    let shares: Vec<_> = shares.collect();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&keep).finish();
    let address = if query.is_empty() { format!("{path}?") } else { format!("{path}?{query}&") };
    let out = can_zoom_out.map(|href| {
        view! { <a class="zoom-out" href=href data-keep="" title="Back to the wider range (Escape)">"Zoom out"</a> }
    });
    view! {
        <section class="strip" aria-label=TITLE id="strip">
            <div class="strip-head">
                <ul class="strip-legend">{legend}</ul>
                <a class="zoom-in" href=address.clone() data-keep="" hidden>"Zoom in"</a>
                {out}
            </div>
            <figure
                data-figure="" data-title=TITLE data-brush="" data-times=labels(&points, zone).join("|")
                data-values=points.written() data-edges=edges.join(",") data-shares=shares.join(",")
                data-address=address data-before=points.before.is_some().then_some("")
            >
                <div class="plot" style=format!("--top:{TOP}px;--digits:{}", picture.digits)>
                    <svg class="drawing" width="100%" height=picture.height role="img" aria-label=label inner_html=picture.svg></svg>
                    <Probe title=TITLE shown=points.len() series=series.clone() before=points.before.is_some().then_some(BEFORE)/>
                    <div class="brush" hidden><i data-handle="from"></i><i data-handle="to"></i></div>
                </div>
            </figure>
            <details class="strip-numbers">
                <summary>"Numbers of the timeline"</summary>
                <Dates period path keep zone/>
                <AreaTable word="strip" title=TITLE chart series zone sum=false before=BEFORE/>
            </details>
        </section>
    }
    .into_any()
}

/// Legend: each series with its count and change, then the previous range.
fn entries(
    series: &[SeriesLabel],
    sums: &[u64],
    before: Option<[u64; 4]>,
) -> impl IntoView + use<> {
    let pasts = before.into_iter().flatten().map(Some).chain(std::iter::repeat(None));
    let entry =
        |((SeriesLabel { name, ink, .. }, sum), past): ((&SeriesLabel, &u64), Option<u64>)| {
            view! {
                <li>
                    <span class="swatch" data-series=ink.word()></span>
                    <span class="legend-name">{name.clone()}</span>
                    <span class="legend-count">{thousands(*sum)}</span>
                    {past.map(|before| view! { <Delta now=*sum before/> })}
                </li>
            }
        };
    let ghost = before.map(|[sent, ..]| {
        view! {
            <li>
                <span class="swatch" data-series=MarkColour::Ghost.word()></span>
                <span class="legend-name">{BEFORE}</span>
                <span class="legend-count">{thousands(sent)}</span>
            </li>
        }
    });
    let entries = series.iter().zip(sums).zip(pasts).map(entry).collect_view();
    view! { {entries}{ghost} }
}

/// Name and colour of a series.
fn named(series: &Series) -> SeriesLabel {
    let (name, ink) = match series.key.as_str() {
        "sent" => ("Sent", MarkColour::Sent),
        "verified" => ("Verified", MarkColour::Verified),
        "failed" => ("Failed", MarkColour::Failed),
        "refused" => ("Refused", MarkColour::Refused),
        other => (other, MarkColour::Other),
    };
    SeriesLabel { name: name.to_owned(), link: None, ink }
}

/// A form to enter begin and end of the range.
#[component]
fn Dates(
    period: Period,
    path: String,
    /// Parameters to keep.
    keep: Vec<(String, String)>,
    zone: Zone,
) -> impl IntoView {
    let field = |name: &'static str, label: &'static str, time| {
        let value = zone.format(time, Style::Input);
        view! {
            <label>
                {format!("{label} ({})", zone.name())}
                <input type="datetime-local" name=name step="1" required value=value/>
            </label>
        }
    };
    view! {
        <form method="get" action=path data-keep-form="">
            <Hidden values=keep/>
            {field("from", "Start", period.from)}
            {field("to", "End", period.to)}
            <button class="button">"Show"</button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::samples::{Sample, chart};
    use crate::ui::testing::assert_has;

    fn html(out: Option<String>, before: Option<[u64; 4]>) -> String {
        let series: &[Sample] =
            &[("sent", |_| 1_000), ("verified", |_| 700), ("failed", |at| at), ("refused", |_| 0)];
        let chart = chart(3, series, None, before.is_some());
        let period = Period { from: chart.starts[0], to: chart.end };
        let keep =
            vec![("channel".to_owned(), "sms".to_owned()), ("flow".to_owned(), "a&b".to_owned())];
        Owner::new().with(|| view! { <Strip chart before period keep can_zoom_out=out/> }.to_html())
    }

    #[test]
    fn all_that_a_brush_needs() {
        let html = html(Some("/?range=90d".to_owned()), None);
        assert_has(
            &html,
            &[
                "data-address=\"/?channel=sms&amp;flow=a%26b&amp;\"",
                "data-edges=\"1793491200,1793494800,1793498400,1793502000\"",
                "data-shares=\"0,3333,6667,10000\"",
                "data-values=\"1000,1000,1000;700,700,700;,1,2;,,\"",
                "3,000 sent, 2,100 verified, 3 failed, 0 refused",
                "href=\"/?range=90d\"",
                "fill=\"#313131\"",
                "stroke=\"#343434\"",
            ],
        );
    }

    #[test]
    fn dates_and_numbers_without_a_script() {
        let html = html(None, None);
        assert_has(
            &html,
            &[
                "name=\"from\"",
                "value=\"2026-11-01T00:00:00\"",
                "name=\"flow\" value=\"a&amp;b\"",
                "<td>700</td>",
                "2026-11-01 02:00",
            ],
        );
        assert!(!html.contains("Total") && !html.contains("Zoom out"));
        assert!(!html.contains("revious period") && !html.contains("data-before"));
    }

    #[test]
    fn what_was_sent_before_is_a_ghost() {
        let html = html(None, Some([1_200, 700, 2, 0]));
        assert_has(
            &html,
            &[
                "stroke=\"#212121\"",
                "data-before",
                "data-values=\"1000,1000,1000;700,700,700;,1,2;,,;3,4,5\"",
                "3 failed, 0 refused, 1,200 sent in the previous period",
                "data-series=\"before\"",
                "<span class=\"legend-name\">Previous period (sent)</span><span class=\"legend-count\">1,200</span>",
                "<th scope=\"col\">Previous period (sent)</th>",
                "+150 %",
                "+200 %",
                "+50 %",
                "±0 %",
            ],
        );
    }
}
