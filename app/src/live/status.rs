//! The live indicator beside the range.

use crate::form::engine_of_request;
use chrono::{DateTime, Utc};
use domain::Period;
use islands::LiveNews;
use leptos::prelude::*;

/// The end of a typed range; `None` for a range that always ends now.
pub(crate) fn ends(typed_to: &str, period: Period) -> Option<DateTime<Utc>> {
    (!typed_to.is_empty()).then_some(period.to)
}

/// The sequence number of live news when the request began, so that commits during rendering are
/// not missed. The router provides it as context.
#[derive(Debug, Clone, Copy)]
pub struct NewsAtStart(pub u64);

/// Status text and pause button; hidden without JavaScript. One per page, outside the parts that
/// are replaced; absent for a range in the past, where nothing new can come.
#[component]
pub(crate) fn Live(
    /// The end of the range, unless it always ends now.
    #[prop(optional_no_strip)]
    until: Option<DateTime<Utc>>,
) -> impl IntoView {
    let engine = engine_of_request().ok()?;
    if until.is_some_and(|until| until <= engine.clock().now()) {
        return None;
    }
    let seq = use_context::<NewsAtStart>().map_or(0, |begun| begun.0);
    Some(view! {
        <div class="live" data-live="" data-seq=seq data-until=until.map(|time| time.timestamp_millis()) hidden>
            <span class="live-dot" aria-hidden="true"></span>
            <span role="status" data-live-said=""></span>
            <span class="live-age" data-live-age="" aria-hidden="true"></span>
            <button type="button" class="live-pause" data-live-pause="">"Pause"</button>
        </div>
        <LiveNews/>
    })
}
