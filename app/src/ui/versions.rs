//! The history of settings: every version, what it changed, and a button to restore it.

use super::{Button, ButtonKind, Hidden, Panel, When};
use crate::saving::VERSIONS;
use chrono::{DateTime, Utc};
use engine::settings::PastVersion;
use leptos::prelude::*;

/// Shown in place of time and author for a version that nobody saved.
pub(crate) const FIRST: &str = "At first";

/// When a version was saved and by whom, or `first` if nobody saved it.
pub(crate) fn saved(past: &PastVersion, now: DateTime<Utc>, first: &'static str) -> AnyView {
    let by = past.changed_by.clone();
    match past.changed {
        Some(time) => view! { <When time now/>" by "{by} }.into_any(),
        None => first.into_any(),
    }
}

/// Each version with its changes from the version before, in the same order. A version whose
/// document cannot be read has none, and neither has the one after it.
pub(crate) fn changes<D, C>(
    past: &[PastVersion],
    read: impl Fn(&PastVersion) -> Option<D>,
    differences: impl Fn(&D, &D) -> Vec<C>,
) -> Vec<(PastVersion, Vec<C>)> {
    let all: Vec<Option<D>> = past.iter().map(read).collect();
    let of = |at: usize| match (all.get(at + 1), &all[at]) {
        (Some(Some(before)), Some(after)) => differences(before, after),
        _ => Vec::new(),
    };
    past.iter().enumerate().map(|(at, past)| (past.clone(), of(at))).collect()
}

/// The history of settings, newest first, at most [`VERSIONS`] of it. `holds` is the current
/// version, `restore` the address of the form that restores another (`None` if the user may not),
/// and `told` shows the changes of a version.
pub(crate) fn history<C, V: IntoView + 'static>(
    versions: impl IntoIterator<Item = (PastVersion, Vec<C>)>,
    holds: i64,
    now: DateTime<Utc>,
    first: &'static str,
    restore: Option<&'static str>,
    told: impl Fn(Vec<C>) -> V,
) -> AnyView {
    let most = usize::try_from(VERSIONS).unwrap_or(usize::MAX);
    let versions = versions.into_iter().take(most).map(|(past, changes)| {
        let restore = restore.filter(|_| past.version != holds).map(|action| {
            let hidden = vec![
                ("version".to_owned(), past.version.to_string()),
                ("now".to_owned(), holds.to_string()),
            ];
            let label = format!("Restore this: version {}", past.version);
            view! {
                <form method="post" action=action aria-label=label>
                    <Hidden values=hidden/>
                    <Button kind=ButtonKind::Quiet>"Restore this"</Button>
                </form>
            }
        });
        let now_holds = (past.version == holds).then_some(" (current)");
        view! {
            <li>
                <div><p>{saved(&past, now, first)}{now_holds}</p>{told(changes)}</div>
                {restore}
            </li>
        }
        .into_any()
    });
    let versions: Vec<_> = versions.collect();
    view! {
        <Panel by="versions-title" title="History"><ol class="version-list">{versions}</ol></Panel>
    }
    .into_any()
}
