//! The history of settings: every version, what it changed, and the way back.

use super::{Button, ButtonKind, Hidden, Panel, When};
use chrono::{DateTime, Utc};
use engine::settings::Past;
use leptos::prelude::*;

/// What stands for when and by whom at a version that nobody saved.
pub const FIRST: &str = "At first";

/// When a version was saved and by whom; else, of the first one, what stands for that.
pub fn saved(past: &Past, now: DateTime<Utc>, first: &'static str) -> AnyView {
    let by = past.changed_by.clone();
    match past.changed {
        Some(time) => view! { <When time now/>" by "{by} }.into_any(),
        None => first.into_any(),
    }
}

/// Each version with what it changed, as they stand. The documents are those of the versions; one
/// that cannot be read, and the version after it, tell of no change.
pub fn changes<D, C>(
    past: &[Past],
    read: impl Fn(&Past) -> Option<D>,
    differences: impl Fn(&D, &D) -> Vec<C>,
) -> Vec<(Past, Vec<C>)> {
    let all: Vec<Option<D>> = past.iter().map(read).collect();
    let of = |at: usize| match (all.get(at + 1), &all[at]) {
        (Some(Some(before)), Some(after)) => differences(before, after),
        _ => Vec::new(),
    };
    past.iter().enumerate().map(|(at, past)| (past.clone(), of(at))).collect()
}

/// A history of settings, newest first: each version with what it changed, as `told` says it.
pub fn history<C, V: IntoView + 'static>(
    versions: impl IntoIterator<Item = (Past, Vec<C>)>,
    holds: i64,
    now: DateTime<Utc>,
    first: &'static str,
    restore: Option<&'static str>,
    told: impl Fn(Vec<C>) -> V,
) -> AnyView {
    let versions = versions.into_iter().map(|(past, changes)| {
        let told = told(changes);
        view! { <Version past holds now first restore>{told}</Version> }
    });
    let versions: Vec<_> = versions.collect();
    view! {
        <Panel by="versions-title" title="History"><ol class="version-list">{versions}</ol></Panel>
    }
    .into_any()
}

/// One version of a history.
#[component]
fn Version(
    /// The version.
    past: Past,
    /// The one that holds.
    holds: i64,
    /// Now.
    now: DateTime<Utc>,
    /// What stands for when and by whom at version 0.
    first: &'static str,
    /// Where its form goes that restores it; nothing for who may not.
    restore: Option<&'static str>,
    /// What it changed.
    children: Children,
) -> impl IntoView {
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
    let now_holds = (past.version == holds).then_some(" (holds now)");
    view! {
        <li>
            <div><p>{saved(&past, now, first)}{now_holds}</p>{children()}</div>
            {restore}
        </li>
    }
}
