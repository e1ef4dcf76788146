//! The tab of history: every version, what it changed, and a form to restore it.

use super::{given::PageData, save::document};
use crate::names::channel_name;
use crate::ui::versions::{changes, history};
use domain::countries::{ChannelDiff, NamedRegion, diff};
use engine::settings::PastVersion;
use islands::text::counted;
use leptos::prelude::*;

/// Number of names shown before the rest is folded away.
const NAMES: usize = 12;
/// Shown for the default settings.
pub(super) const FIRST: &str = "Default: every region";

pub(super) fn panel(given: &PageData) -> AnyView {
    let (holds, now) = (given.current.version, given.visit.now);
    let restore = given.visit.guards.then_some("/_fn/countries-restore");
    let history = history(past_differences(given), holds, now, FIRST, restore, diff_view);
    view! { <div class="panels">{history}</div> }.into_any()
}

pub(super) fn past_differences(given: &PageData) -> Vec<(PastVersion, Vec<ChannelDiff>)> {
    changes(&given.past, document, diff)
}

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

fn named(word: &'static str, mut first: Vec<NamedRegion>) -> Option<impl IntoView> {
    if first.is_empty() {
        return None;
    }
    let many = counted(first.len() as u64, "region", "regions");
    let rest = first.split_off(first.len().min(NAMES));
    let text = |named: Vec<NamedRegion>| {
        named.into_iter().map(|one| one.name).collect::<Vec<_>>().join(", ")
    };
    let rest = (!rest.is_empty()).then(|| {
        let more = format!("and {} more", rest.len());
        view! { <details><summary>{more}</summary>{text(rest)}</details> }
    });
    let more = word == "More";
    Some(view! {
        <li class:more=more class:less=!more>{word}": "{many}": "{text(first)}" "{rest}</li>
    })
}
