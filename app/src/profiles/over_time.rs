//! The attempts over time, as the workbook's timeline shows them.

use super::view::View;
use crate::charts::Strip;
use domain::bucket::Bucket;
use domain::period::longer_range;
use domain::series::Chart;
use domain::{Kind, Period};
use leptos::prelude::*;

/// The timeline of those attempts that are counted. Where there are none it is shown all the same:
/// it is the way out of a range that was chosen by hand.
#[component]
pub(super) fn OverTime(
    /// The page's state.
    view: View,
    /// The range, from the oldest attempt that is counted where not all are.
    period: Period,
    /// When each attempt began (µs since 1970), and its outcome.
    times: Vec<(i64, Kind)>,
) -> impl IntoView {
    let zone = crate::zone::current();
    // The width that suits a range never makes too many buckets of it.
    let edges = Bucket::of(period).edges(period, &zone).ok();
    edges.map(|edges| {
        let counts = times
            .into_iter()
            .filter_map(|(began, outcome)| Some((edges.index(began)?, outcome, 1)));
        let chart = Chart::strip(&edges, counts);
        let by_hand = view.named_range().is_none() && !view.text("from").is_empty();
        let out = by_hand.then(|| view.with_range(longer_range(period.length())));
        let (path, keep) = (view.path.clone(), view.pairs_without_range());
        view! { <Strip chart period path keep zone can_zoom_out=out/> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::period::parse_time;

    fn html(query: &str, times: Vec<(i64, Kind)>) -> String {
        let period = Period {
            from: parse_time("2026-11-19").unwrap(),
            to: parse_time("2026-11-20").unwrap(),
        };
        let view = View::read("/ips/10.0.0.1", query);
        Owner::new().with(|| view! { <OverTime view period times/> }.to_html())
    }

    #[test]
    fn a_part_of_it_leads_to_the_same_page() {
        let noon = parse_time("2026-11-19T12:00:00Z").unwrap().timestamp_micros();
        let html = html(
            "channel=sms&from=2026-11-19&to=2026-11-20",
            vec![(noon, Kind::Verified), (noon, Kind::Failed)],
        );
        for part in [
            "data-address=\"/ips/10.0.0.1?channel=sms&amp;\"",
            "action=\"/ips/10.0.0.1\"",
            "2 sent, 1 verified, 1 failed, 0 refused",
            "href=\"/ips/10.0.0.1?channel=sms&amp;range=2d\"",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
    }

    #[test]
    fn out_of_an_empty_range_there_is_a_way() {
        let html = html("from=2026-11-19&to=2026-11-20", Vec::new());
        assert!(html.contains("0 sent") && html.contains("Zoom out"), "{html}");
        assert!(!self::html("range=1d", Vec::new()).contains("Zoom out"));
    }
}
