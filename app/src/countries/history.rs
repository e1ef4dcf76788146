//! The tab of history: every version, what it changed, and the way back.

use super::page::{Desk, VERSIONS};
use super::save::document;
use crate::ui::text::counted;
use crate::ui::{Button, ButtonKind, Hidden, When};
use crate::workbook::channel_name;
use domain::countries::{ChannelDiff, Named, diff};
use engine::settings::Past;
use leptos::prelude::*;

/// Names that are told before the rest is folded away.
const NAMES: usize = 12;

pub(super) fn panel(desk: &Desk) -> AnyView {
    let version = desk.current.version;
    let most = usize::try_from(VERSIONS).unwrap_or(usize::MAX);
    let items: Vec<_> = told(desk)
        .into_iter()
        .take(most)
        .map(|(past, lines)| {
            let restore = (desk.guards && past.version != version).then(|| {
                let hidden = vec![
                    ("version".to_owned(), past.version.to_string()),
                    ("now".to_owned(), version.to_string()),
                ];
                let label = format!("Restore this: version {}", past.version);
                view! {
                    <form method="post" action="/_fn/countries-restore" aria-label=label>
                        <Hidden values=hidden/>
                        <Button kind=ButtonKind::Quiet>"Restore this"</Button>
                    </form>
                }
            });
            let holds = (past.version == version).then_some(" (holds now)");
            view! {
                <li>
                    <div><p>{head(&past, desk)}{holds}</p>{diff_view(lines)}</div>
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
        None => "At first, every region".into_any(),
    }
}

/// Each version with what it changed, newest first.
pub(super) fn told(desk: &Desk) -> Vec<(Past, Vec<ChannelDiff>)> {
    let all: Vec<_> = desk.past.iter().map(document).collect();
    let lines = |at: usize| match (all.get(at + 1), &all[at]) {
        (Some(Some(before)), Some(after)) => diff(before, after),
        _ => Vec::new(),
    };
    desk.past.iter().enumerate().map(|(at, past)| (past.clone(), lines(at))).collect()
}

/// What changes, channel by channel, with names.
pub(super) fn diff_view(diff: Vec<ChannelDiff>) -> impl IntoView {
    let channels: Vec<_> = diff
        .into_iter()
        .map(|ChannelDiff { channel, mode, added, removed }| {
            let mode = mode.map(|mode| {
                view! {
                    <li>
                        "Mode: "<del>{mode.before.label()}</del>" → "<ins>{mode.after.label()}</ins>
                    </li>
                }
            });
            view! {
                <li>
                    <b>{channel_name(channel)}</b>
                    <ul class="plain-list">{mode}{named("More", added)}{named("Less", removed)}</ul>
                </li>
            }
        })
        .collect();
    view! { <ul class="plain-list region-diff">{channels}</ul> }
}

fn named(word: &'static str, mut first: Vec<Named>) -> Option<impl IntoView> {
    if first.is_empty() {
        return None;
    }
    let many = counted(first.len() as u64, "region", "regions");
    let rest = first.split_off(first.len().min(NAMES));
    let text =
        |named: Vec<Named>| named.into_iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    let rest = (!rest.is_empty()).then(|| {
        let more = format!("and {} more", rest.len());
        view! { <details><summary>{more}</summary>{text(rest)}</details> }
    });
    let more = word == "More";
    Some(view! {
        <li class:more=more class:less=!more>{word}": "{many}": "{text(first)}" "{rest}</li>
    })
}
