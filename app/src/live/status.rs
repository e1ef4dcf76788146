//! Whether what is shown is current, beside the range.

use crate::form::engine_of_request;
use chrono::{DateTime, Utc};
use domain::Period;
use islands::LiveNews;
use leptos::prelude::*;

/// When a range that was typed ends; nothing for one that always ends now.
pub fn ends(typed_to: &str, period: Period) -> Option<DateTime<Utc>> {
    (!typed_to.is_empty()).then_some(period.to)
}

/// The number told last when the request began: what is committed while the page is made is not
/// missed. The router leaves it in the page's context.
#[derive(Debug, Clone, Copy)]
pub struct Begun(pub u64);

/// The words and the button that pauses. Without JavaScript nothing is seen: a page is as current
/// as its last reload. One to a page, outside the parts that renew themselves; nothing for a range
/// that has ended, where nothing new can come.
#[component]
pub fn Live(
    /// When the range ends, if it ends at a time of its own and not always now.
    #[prop(optional_no_strip)]
    until: Option<DateTime<Utc>>,
) -> impl IntoView {
    let engine = engine_of_request().ok()?;
    if until.is_some_and(|until| until <= engine.clock().now()) {
        return None;
    }
    let seq = use_context::<Begun>().map_or(0, |begun| begun.0);
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
