//! The preview of a draft: what differs, what it would have refused, and what somebody else changed
//! meanwhile.

use super::history::{FIRST, diff_view, past_differences};
use super::{draft::Draft, given::PageData};
use crate::ui::{Button, Hidden, Icon, Notice, NoticeKind, Table, Th};
use crate::{names::channel_name, ui::versions::saved};
use domain::countries::{RegionEffect, Settings, diff, would_refuse_by_region};
use domain::reach_warnings::{Naming, of_countries};
use domain::{numbers::Plans, regions};
use islands::countries::effect;
use islands::text::{counted, thousands};
use leptos::prelude::*;

/// Maximum number of rows.
const ROWS: usize = 10;

pub(super) fn panel(given: &PageData) -> AnyView {
    if !given.visit.guards || given.view.draft.is_empty() {
        return ().into_any();
    }
    let Some(draft) = &given.draft else {
        return view! {
            <Notice>"This change no longer exists: it was saved, or replaced by another. The \
                     current settings are shown below."</Notice>
        }
        .into_any();
    };
    let after = given.settings();
    let lines = diff(&given.current.settings, &after);
    let same = lines.is_empty().then(|| view! { <p>"This changes nothing."</p> });
    view! {
        <section class="panel opened" id="draft" aria-labelledby="draft-title">
            <h2 id="draft-title">"Unsaved changes"</h2>
            <div class="panel-body">
                {others(given, draft)}
                {same}
                {diff_view(lines)}
                {reach(given)}
                {figures(given, &after)}
                {end(given)}
            </div>
        </section>
    }
    .into_any()
}

fn end(given: &PageData) -> impl IntoView + use<> {
    let mut hidden = given.view.pairs();
    hidden.push(("version".to_owned(), given.current.version.to_string()));
    let without = given.view.with(|view| view.draft.clear()).href();
    view! {
        <form method="post" action="/_fn/countries-save" aria-label="Save the changes">
            <Hidden values=hidden/>
            <div class="form-end">
                <Button>"Save"</Button>
                <a class="button" href=without data-leaves="">"Discard"</a>
            </div>
        </form>
    }
}

/// Both changes, if somebody else saved since the draft was begun.
fn others(given: &PageData, draft: &Draft) -> Option<impl IntoView + use<>> {
    if given.current.version <= draft.version {
        return None;
    }
    let theirs: Vec<_> = past_differences(given)
        .into_iter()
        .filter(|(past, _)| past.version > draft.version)
        .map(|(past, lines)| view! { <li><p>{saved(&past, given.visit.now, FIRST)}":"</p>{diff_view(lines)}</li> })
        .collect();
    let mine = diff_view(diff(&draft.before, &draft.after));
    Some(view! {
        <Notice kind=NoticeKind::Warning>
            <p>"The countries were changed since you began. Those changes are kept."</p>
            <h3>"What was changed"</h3>
            <ol class="plain-list others">{theirs}</ol>
            <h3>"What you changed"</h3>
            {mine}
            <p>"Below is your change on top of the current settings. Save it to apply both."</p>
        </Notice>
    })
}

/// Warnings about named regions whose mobile numbers belong to another region.
pub(super) fn reach(given: &PageData) -> Option<impl IntoView + use<>> {
    // Each channel's tab shows only its own.
    let mut own = Settings::default();
    if let Some(own) = own.of_mut(given.view.channel) {
        *own = given.channel_countries();
    }
    let said = of_countries(&Plans::current(), &own, Naming::Names);
    let items: Vec<_> = said.into_iter().map(|said| view! { <li>{said}</li> }).collect();
    (!items.is_empty()).then(|| {
        view! {
            <div class="panel-notice">
                <Notice kind=NoticeKind::Warning><ul class="plain-list reach">{items}</ul></Notice>
            </div>
        }
    })
}

/// What of the last 30 days the draft would have refused and the current settings did not.
fn figures(given: &PageData, after: &Settings) -> AnyView {
    if given.month.loading && given.month.rows.is_empty() {
        let words = "What would have been refused in the last 30 days is not known yet: figures \
                     are still loading. Reload in a moment.";
        return view! { <Notice>{words}</Notice> }.into_any();
    }
    let held = would_refuse_by_region(&given.month, &given.current.settings);
    let then = would_refuse_by_region(&given.month, after);
    let (newly, spared) = (then.without(&held), held.without(&then));
    let spared = (spared.attempts > 0).then(|| {
        let attempts = counted(spared.attempts, "attempt", "attempts");
        view! { <p>{attempts}" that the current settings refuse would be allowed."</p> }
    });
    let growing = given.month.loading.then(|| {
        view! { <p class="field-help">"Figures are still loading and will grow."</p> }
    });
    let warned = newly.verified > 0;
    view! {
        <div class="effect">
            <p class:mark-warning=warned>
                {warned.then(|| view! { <Icon name="alert"/> })}
                <b>{effect(newly.attempts, newly.verified)}</b>
            </p>
            {spared}
            <p class="field-help">
                "In all: "{sum(&then)}" with this change, "{sum(&held)}" with the current settings. Counted by region and channel only: trusted numbers, blocks and limits are left out."
            </p>
            {growing}
            {regions_table(&newly)}
        </div>
    }
    .into_any()
}

fn sum(effect: &RegionEffect) -> String {
    format!("{} refused", counted(effect.attempts, "attempt", "attempts"))
}

fn regions_table(newly: &RegionEffect) -> Option<impl IntoView + use<>> {
    if newly.rows.is_empty() {
        return None;
    }
    let mut most = newly.rows.clone();
    most.sort_by_key(|row| std::cmp::Reverse((row.figures.verified, row.figures.attempts)));
    let more = most.len().saturating_sub(ROWS);
    let rows: Vec<_> = most
        .into_iter()
        .take(ROWS)
        .map(|row| view! {
            <tr>
                <th scope="row">{regions::name(&row.region).to_owned()}" "<code>{row.region.to_string()}</code></th>
                <td>{channel_name(row.channel)}</td>
                <td class="right">{thousands(row.figures.attempts)}</td>
                <td class="right">{thousands(row.figures.verified)}</td>
            </tr>
        })
        .collect();
    let more = (more > 0).then(|| {
        let more = counted(more as u64, "more row", "more rows");
        view! { <p class="field-help">"And "{more}" with fewer."</p> }
    });
    Some(view! {
        <Table caption="Newly refused, by region" frame="table-frame newly" heads=[
            Th::left("Newly refused"), Th::left("Channel"), Th::right("Attempts"),
            Th::right("had verified"),
        ]>{rows}</Table>
        {more}
    })
}
