//! The timeline over every tab: attempts sent, verified, failed and refused, to zoom by.

use super::load::{Lost, lost};
use super::view::{Asked, View};
use crate::charts::Strip;
use crate::ui::Failed;
use domain::bucket::Bucket;
use domain::period::RANGES;
use domain::series::Chart;
use engine::Engine;
use leptos::prelude::*;

/// The words of the range in an address.
const RANGE: [&str; 3] = ["range", "from", "to"];

/// What was read for the timeline.
pub(super) async fn load(engine: &Engine, asked: &Asked) -> Result<Chart, Lost> {
    let period = asked.query.period;
    // The width that suits a range never makes too many buckets of it.
    let Ok(edges) = Bucket::of(period).edges(period, &asked.zone) else {
        return Err(Lost(crate::error::reference()));
    };
    let strip = engine.conversion.strip(&asked.query, &edges).await;
    strip.map_err(|error| lost("timeline", &error))
}

/// The timeline, or why it cannot be shown.
pub(super) fn timeline(asked: &Asked, chart: Result<Chart, Lost>) -> AnyView {
    let shown = match chart {
        Ok(chart) => {
            let mut keep = asked.view.pairs();
            keep.retain(|(name, _)| !RANGE.contains(&name.as_str()));
            let (period, zone) = (asked.query.period, asked.zone);
            let out = wider(&asked.view, period.length());
            view! { <Strip chart period keep zone can_zoom_out=out/> }.into_any()
        }
        Err(Lost(reference)) => {
            let retry = asked.view.href();
            view! { <Failed what="The timeline could not be read." reference retry/> }.into_any()
        }
    };
    view! { <div data-live-part="timeline">{shown}</div> }.into_any()
}

/// From a range that was chosen by hand back to the next named one that is longer.
fn wider(view: &View, length: chrono::TimeDelta) -> Option<String> {
    if view.named_range().is_some() {
        return None;
    }
    let longer = RANGES.iter().find(|(_, minutes)| chrono::TimeDelta::minutes(*minutes) > length);
    longer.or(RANGES.last()).map(|(word, _)| view.with_range(word).href())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn out_of_a_zoom_leads_the_next_wider_range() {
        let view = View::read("from=2026-11-01&to=2026-11-02&channel=sms");
        assert_eq!(wider(&view, TimeDelta::days(1)).as_deref(), Some("/?channel=sms&range=2d"));
        assert_eq!(wider(&View::read("range=7d"), TimeDelta::days(7)), None);
        let long = wider(&view, TimeDelta::days(400)).unwrap();
        assert!(long.ends_with("range=90d"), "{long}");
    }
}
