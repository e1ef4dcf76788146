//! The tab of history: every version, what it changed, and a form to restore it.

use super::change::{RuleDifference, differences};
use super::given::PageData;
use crate::ui::versions::{FIRST, changes, history};
use domain::rules::Settings;
use engine::settings::PastVersion;
use islands::text::counted;
use leptos::prelude::*;

/// Maximum number of lines shown per change.
const LINES: usize = 20;

pub(super) fn panel(given: &PageData) -> AnyView {
    let (holds, now) = (given.current.version, given.visit.now);
    let restore = given.visit.guards.then_some("/_fn/rules-restore");
    let history = history(past_differences(given), holds, now, FIRST, restore, lines_view);
    view! { <div class="panels">{history}</div> }.into_any()
}

pub(super) fn past_differences(given: &PageData) -> Vec<(PastVersion, Vec<RuleDifference>)> {
    let read = |past: &PastVersion| serde_json::from_value::<Settings>(past.document.clone()).ok();
    changes(&given.past, read, |before, after| differences(before, after, given.visit.sight))
}

/// The first [`LINES`] changes.
pub(super) fn lines_view(lines: Vec<RuleDifference>) -> impl IntoView {
    let more = lines.len().saturating_sub(LINES);
    let rows: Vec<_> = lines.into_iter().take(LINES).map(line).collect();
    let more = (more > 0).then(|| {
        let more = counted(more as u64, "more change", "more changes");
        view! { <li>"And "{more}"."</li> }
    });
    view! { <ul class="plain-list changes">{rows}{more}</ul> }
}

fn line(RuleDifference { before, after }: RuleDifference) -> impl IntoView {
    let sign = match (&before, &after) {
        (None, _) => "New: ",
        (_, None) => "Removed: ",
        _ => "Changed: ",
    };
    let arrow = (before.is_some() && after.is_some()).then_some(" → ");
    view! {
        <li>
            <span class="sign">{sign}</span>
            {before.map(|before| view! { <del>{before}</del> })}
            {arrow}
            {after.map(|after| view! { <ins>{after}</ins> })}
        </li>
    }
}
