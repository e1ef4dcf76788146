//! The tab of history: every version, what it changed, and the way back.

use super::change::{Line, differences};
use super::page::Desk;
use crate::ui::text::counted;
use crate::ui::{Button, ButtonKind, Hidden, When};
use domain::rules::Settings;
use engine::settings::Past;
use leptos::prelude::*;

/// Lines of one change that are told.
const LINES: usize = 20;

pub(super) fn panel(desk: &Desk) -> AnyView {
    let version = desk.current.version;
    let told = told(desk);
    let items: Vec<_> = told
        .into_iter()
        .map(|(past, lines)| {
            let restore = (desk.guards && past.version != version).then(|| {
                let hidden = vec![
                    ("version".to_owned(), past.version.to_string()),
                    ("now".to_owned(), version.to_string()),
                ];
                let label = format!("Restore this: version {}", past.version);
                view! {
                    <form method="post" action="/_fn/rules-restore" aria-label=label>
                        <Hidden values=hidden/>
                        <Button kind=ButtonKind::Quiet>"Restore this"</Button>
                    </form>
                }
            });
            let holds = (past.version == version).then_some(" (holds now)");
            view! {
                <li>
                    <div><p>{head(&past, desk)}{holds}</p>{lines_view(lines)}</div>
                    {restore}
                </li>
            }
        })
        .collect();
    view! {
        <div class="panels">
            <section class="panel" aria-labelledby="versions-title">
                <h2 id="versions-title">"History"</h2>
                <ol class="version-list">{items}</ol>
            </section>
        </div>
    }
    .into_any()
}

/// When and by whom.
pub(super) fn head(past: &Past, desk: &Desk) -> impl IntoView + use<> {
    let (by, now) = (past.changed_by.clone(), desk.now);
    match past.changed {
        Some(time) => view! { <When time now/>" by "{by} }.into_any(),
        None => "At first".into_any(),
    }
}

/// Each version with what it changed, newest first.
pub(super) fn told(desk: &Desk) -> Vec<(Past, Vec<Line>)> {
    let read = |past: &Past| serde_json::from_value::<Settings>(past.document.clone()).ok();
    let all: Vec<Option<Settings>> = desk.past.iter().map(read).collect();
    let lines = |at: usize| match (all.get(at + 1), &all[at]) {
        (Some(Some(before)), Some(after)) => differences(before, after, desk.sight),
        _ => Vec::new(),
    };
    desk.past.iter().enumerate().map(|(at, past)| (past.clone(), lines(at))).collect()
}

/// Changes, the first ones of many.
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
