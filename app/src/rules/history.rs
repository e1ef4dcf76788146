//! The tab of history: every version, what it changed, and a form to restore it.

use super::change::{Line, differences};
use super::given::Given;
use crate::ui::versions::{FIRST, changes, history};
use domain::rules::Settings;
use engine::settings::Past;
use islands::text::counted;
use leptos::prelude::*;

/// Maximum number of lines shown per change.
const LINES: usize = 20;

pub(super) fn panel(given: &Given) -> AnyView {
    let (holds, now) = (given.current.version, given.visit.now);
    let restore = given.visit.guards.then_some("/_fn/rules-restore");
    let history = history(told(given), holds, now, FIRST, restore, lines_view);
    view! { <div class="panels">{history}</div> }.into_any()
}

pub(super) fn told(given: &Given) -> Vec<(Past, Vec<Line>)> {
    let read = |past: &Past| serde_json::from_value::<Settings>(past.document.clone()).ok();
    changes(&given.past, read, |before, after| differences(before, after, given.visit.sight))
}

/// The first [`LINES`] changes.
pub(super) fn lines_view(lines: Vec<Line>) -> impl IntoView {
    let more = lines.len().saturating_sub(LINES);
    let rows: Vec<_> = lines.into_iter().take(LINES).map(line).collect();
    let more = (more > 0).then(|| {
        let more = counted(more as u64, "more change", "more changes");
        view! { <li>"And "{more}"."</li> }
    });
    view! { <ul class="plain-list changes">{rows}{more}</ul> }
}

fn line(Line { before, after }: Line) -> impl IntoView {
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
