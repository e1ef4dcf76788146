//! The adjustable timeline over a page: attempts sent, verified, failed and refused over the whole
//! range. Where a script runs, a part of it is chosen by hand or by keys, and the page goes there.

use super::area::TOP;
use super::area_chart::{Named, Probe};
use super::area_table::AreaTable;
use super::paint::Ink;
use super::points::Points;
use super::strip_draw::{POINTS, share, strip};
use super::times::{labels, range};
use crate::ui::Hidden;
use crate::ui::text::thousands;
use domain::Period;
use domain::series::{Chart, Series};
use domain::zone::{Style, Zone};
use leptos::prelude::*;

const TITLE: &str = "Timeline";

/// One strip of attempts over the range of the page.
#[component]
pub fn Strip(
    /// Four series by the keys `sent`, `verified`, `failed` and `refused`, not stacked.
    chart: Chart,
    /// The range that is shown.
    period: Period,
    /// The page's path.
    #[prop(default = "/")]
    action: &'static str,
    /// What its address says of all but the range, which links to a part of it keep.
    keep: Vec<(String, String)>,
    /// Whose clocks the times follow.
    #[prop(default = Zone::utc())]
    zone: Zone,
    /// The address of the wider range, where there is one.
    #[prop(into, default = None)]
    can_zoom_out: Option<String>,
) -> impl IntoView {
    let (names, inks): (Vec<_>, Vec<_>) = chart.series.iter().map(named).unzip();
    let points = Points::of(&chart, POINTS);
    let picture = strip(&points, &inks, zone);
    let sums: Vec<u64> = chart.series.iter().map(Series::total).collect();
    let series: Vec<Named> = names
        .iter()
        .zip(&inks)
        .map(|(name, ink)| Named { name: name.clone(), link: None, ink: *ink })
        .collect();
    let said: Vec<_> = names
        .iter()
        .zip(&sums)
        .map(|(name, sum)| format!("{} {}", thousands(*sum), name.to_lowercase()))
        .collect();
    let span = range(period.from, period.to, zone);
    let label = format!("{TITLE}, {span}: {}", said.join(", "));
    let legend = series
        .iter()
        .zip(&sums)
        .map(|(Named { name, ink, .. }, sum)| {
            view! {
                <li>
                    <span class="swatch" data-series=ink.word()></span>
                    <span class="legend-name">{name.clone()}</span>
                    <span class="legend-count">{thousands(*sum)}</span>
                </li>
            }
        })
        .collect_view();
    // Where buckets begin: in seconds, and in hundredths of a percent of the width.
    let edges = points.starts.iter().chain([&points.end]).map(|time| time.timestamp());
    let edges: Vec<_> = edges.map(|seconds| seconds.to_string()).collect();
    let shares = (0..=points.len()).map(|at| format!("{:.0}", share(&points, at) * 10_000.0));
    let shares: Vec<_> = shares.collect();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&keep).finish();
    let address =
        if query.is_empty() { format!("{action}?") } else { format!("{action}?{query}&") };
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
                data-address=address
            >
                <div class="plot" style=format!("--top:{TOP}px;--digits:{}", picture.digits)>
                    <svg class="drawing" width="100%" height=picture.height role="img" aria-label=label inner_html=picture.svg></svg>
                    <Probe title=TITLE shown=points.len() series=series.clone()/>
                    <div class="brush" hidden><i data-handle="from"></i><i data-handle="to"></i></div>
                </div>
            </figure>
            <details class="strip-numbers">
                <summary>"Numbers of the timeline"</summary>
                <Dates period action keep zone/>
                <AreaTable word="strip" title=TITLE chart series zone sum=false/>
            </details>
        </section>
    }
}

/// How a series is called, and its colour.
fn named(series: &Series) -> (String, Ink) {
    let (name, ink) = match series.key.as_str() {
        "sent" => ("Sent", Ink::Sent),
        "verified" => ("Verified", Ink::Verified),
        "failed" => ("Failed", Ink::Failed),
        "refused" => ("Refused", Ink::Refused),
        other => (other, Ink::Other),
    };
    (name.to_owned(), ink)
}

/// Begin and end as fields, for those who choose the range by typing.
#[component]
fn Dates(
    /// The range that is shown.
    period: Period,
    /// The page's path.
    action: &'static str,
    /// What the form carries along.
    keep: Vec<(String, String)>,
    /// Whose clocks the fields follow.
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
        <form method="get" action=action data-keep-form="">
            <Hidden values=keep/>
            {field("from", "Begin", period.from)}
            {field("to", "End", period.to)}
            <button class="button">"Show"</button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::samples::{Sample, chart};

    fn html(out: Option<String>) -> String {
        let series: &[Sample] =
            &[("sent", |_| 1_000), ("verified", |_| 700), ("failed", |at| at), ("refused", |_| 0)];
        let chart = chart(3, series, None, false);
        let period = Period { from: chart.starts[0], to: chart.end };
        let keep =
            vec![("channel".to_owned(), "sms".to_owned()), ("flow".to_owned(), "a&b".to_owned())];
        Owner::new().with(|| view! { <Strip chart period keep can_zoom_out=out/> }.to_html())
    }

    #[test]
    fn all_that_a_brush_needs() {
        let html = html(Some("/?range=90d".to_owned()));
        for part in [
            "data-address=\"/?channel=sms&amp;flow=a%26b&amp;\"",
            "data-edges=\"1793491200,1793494800,1793498400,1793502000\"",
            "data-shares=\"0,3333,6667,10000\"",
            "data-values=\"1000,1000,1000;700,700,700;,1,2;,,\"",
            "3,000 sent, 2,100 verified, 3 failed, 0 refused",
            "href=\"/?range=90d\"",
            "fill=\"#313131\"",
            "stroke=\"#343434\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn dates_and_numbers_without_a_script() {
        let html = html(None);
        for part in [
            "name=\"from\"",
            "value=\"2026-11-01T00:00:00\"",
            "name=\"flow\" value=\"a&amp;b\"",
            "<td>700</td>",
            "2026-11-01 02:00",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(!html.contains("Total") && !html.contains("Zoom out"));
    }
}
