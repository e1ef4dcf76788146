//! The timeline above every tab: attempts sent, verified, failed and refused. It can be zoomed.

use super::view::{ResolvedView, View};
use crate::charts::Strip;
use crate::page::{LoadError, log_load_error};
use domain::bucket::Bucket;
use domain::period::longer_range;
use engine::Engine;
use engine::conversion::Strip as Counted;
use leptos::prelude::*;

/// The parameters of the range.
const RANGE: [&str; 3] = ["range", "from", "to"];

pub(super) async fn load(engine: &Engine, asked: &ResolvedView) -> Result<Counted, LoadError> {
    let period = asked.query.period;
    // `Bucket::of` never makes too many buckets.
    let Ok(edges) = Bucket::of(period).edges(period, &asked.zone) else {
        return Err(LoadError(crate::error::reference()));
    };
    let past = asked.query.before().period;
    let past = asked.view.compares().then(|| Bucket::of(past).edges(past, &asked.zone).ok());
    let past = past.flatten();
    let strip = engine.conversion.strip(&asked.query, &edges, past.as_ref()).await;
    strip.map_err(|error| log_load_error("timeline", &error))
}

pub(super) fn timeline(asked: &ResolvedView, strip: Result<Counted, LoadError>) -> AnyView {
    let shown = match strip {
        Ok(Counted { chart, before }) => {
            let mut keep = asked.view.pairs();
            keep.retain(|(name, _)| !RANGE.contains(&name.as_str()));
            let (period, zone) = (asked.query.period, asked.zone);
            let out = wider(&asked.view, period.length());
            view! { <Strip chart before period keep zone can_zoom_out=out/> }.into_any()
        }
        Err(lost) => lost.view("The timeline could not be read.", asked.view.href()),
    };
    view! { <div data-live-part="timeline">{shown}</div> }.into_any()
}

/// From a custom range, the address of the next longer named range.
fn wider(view: &View, length: chrono::TimeDelta) -> Option<String> {
    view.log.named_range().is_none().then(|| view.with_range(longer_range(length)).href())
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
