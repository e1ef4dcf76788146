//! The timeline of the attempts, as on the workbook.

use super::view::View;
use crate::charts::Strip;
use domain::bucket::Bucket;
use domain::period::longer_range;
use domain::series::Chart;
use domain::{Kind, Period};
use leptos::prelude::*;

/// The timeline of the counted attempts. It is shown even if there are none, because it has the
/// link out of a custom range.
#[component]
pub(super) fn OverTime(
    view: View,
    /// The range, from the oldest counted attempt if not all are counted.
    period: Period,
    /// Begin (µs since 1970) and outcome of each attempt.
    times: Vec<(i64, Kind)>,
) -> impl IntoView {
    let zone = crate::zone::current();
    // `Bucket::of` never makes too many buckets.
    let edges = Bucket::of(period).edges(period, &zone).ok();
    edges.map(|edges| {
        let counts = times
            .into_iter()
            .filter_map(|(began, outcome)| Some((edges.index(began)?, outcome, 1)));
        let chart = Chart::strip(&edges, counts);
        let by_hand = view.log.named_range().is_none() && !view.log.text("from").is_empty();
        let out = by_hand.then(|| view.with_range(longer_range(period.length())));
        let (path, keep) = (view.path.clone(), view.pairs_without_range());
        view! { <Strip chart period path keep zone can_zoom_out=out/> }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::assert_has;
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
        assert_has(
            &html,
            &[
                "data-address=\"/ips/10.0.0.1?channel=sms&amp;\"",
                "action=\"/ips/10.0.0.1\"",
                "2 sent, 1 verified, 1 failed, 0 refused",
                "href=\"/ips/10.0.0.1?channel=sms&amp;range=2d\"",
            ],
        );
    }

    #[test]
    fn out_of_an_empty_range_there_is_a_way() {
        let html = html("from=2026-11-19&to=2026-11-20", Vec::new());
        assert!(html.contains("0 sent") && html.contains("Zoom out"), "{html}");
        assert!(!self::html("range=1d", Vec::new()).contains("Zoom out"));
    }
}
