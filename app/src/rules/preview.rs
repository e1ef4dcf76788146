//! The preview of a draft: what differs, what it would have done, and what somebody else changed
//! meanwhile.

use super::change::{RuleMissing, differences};
use super::given::{PageData, TITLE};
use super::history::{lines_view, past_differences};
use super::view::{PATH, Tab, preview};
use super::{draft::Draft, edit::Script, figures};
use crate::ui::versions::{FIRST, saved};
use crate::ui::{Button, Empty, FormResult, Hidden, Notice, NoticeKind, PageHead, Panel};
use domain::rules::{NumberRule, Settings};
use domain::{query::href, settings::Section as _};
use islands::{rules::read::RulePath, text::sentence};
use leptos::prelude::*;
use std::collections::HashSet;

const LINE: &str = "A change that is not saved yet.";

pub(super) async fn page(given: &PageData) -> AnyView {
    let Some(draft) = given.draft.clone().filter(|_| given.visit.guards) else { return none() };
    let back = draft.tab().path();
    let after = match draft.change.apply(given.current.settings.clone()) {
        Ok(after) => after,
        Err(RuleMissing) => {
            let words = "Somebody else changed or removed this rule in the meantime. Nothing was \
                         saved.";
            return refused(words.to_owned(), back);
        }
    };
    if let Err(invalid) = after.check() {
        let words: Vec<_> = invalid.fields.iter().map(|error| sentence(&error.message)).collect();
        return refused(words.join(" "), back);
    }
    let lines = differences(&given.current.settings, &after, given.visit.sight);
    let changed = changed(&given.current.settings, &after);
    let warnings = engine::settings::warnings_of_rules(&given.visit.engine, changed).await;
    let warnings: Vec<_> =
        warnings.into_iter().map(|said| view! { <p class="field-help">{said}</p> }).collect();
    let figures = figures_of(given, &draft, after).await;
    view! {
        <PageHead title=TITLE line=LINE/>
        <div class="panels rules">
            <FormResult tried=given.visit.tried.of("save") wrong=&["rule", "version"]/>
            {others(given, &draft)}
            <Panel by="change-title" title="What changes">
                <div class="panel-body">{lines_view(lines)}{warnings}</div>
            </Panel>
            {figures}
            {end(given, &draft)}
        </div>
    }
    .into_any()
}

/// The settings with only those number rules, number types and kill switches that changed.
fn changed(before: &Settings, after: &Settings) -> Settings {
    let mut changed = after.clone();
    changed.number_types.retain(|kind, rule| before.number_types.get(kind) != Some(rule));
    changed.kill_switches.retain(|switch| !before.kill_switches.contains(switch));
    let of = |rule: &NumberRule| (rule.numbers, rule.action, rule.even_invalid);
    let known: HashSet<_> = before.number_rules.iter().map(of).collect();
    changed.number_rules.retain(|rule| !known.contains(&of(rule)));
    changed
}

fn end(given: &PageData, draft: &Draft) -> impl IntoView + use<> {
    let hidden = vec![
        ("draft".to_owned(), draft.id.clone()),
        ("version".to_owned(), given.current.version.to_string()),
    ];
    let again = RulePath::read(&draft.place).map(|place| {
        let tab = Tab::of(&place).as_str();
        let pairs = [("tab", tab), ("edit", place.word.as_str()), ("draft", draft.id.as_str())];
        format!("{}#{}", href(PATH, pairs), place.root())
    });
    let back = draft.tab().path();
    view! {
        <form class="form preview-end" method="post" action="/_fn/rules-save" aria-label="Save the change">
            <Hidden values=hidden/>
            <Script/>
            <div class="form-end">
                <Button>"Save"</Button>
                {again.map(|again| view! { <a class="button" href=again>"Edit again"</a> })}
                <a class="button" href=back>"Discard"</a>
            </div>
        </form>
    }
}

/// What somebody else saved since the draft was begun.
fn others(given: &PageData, draft: &Draft) -> Option<impl IntoView + use<>> {
    if given.current.version <= draft.version {
        return None;
    }
    let items: Vec<_> = past_differences(given)
        .into_iter()
        .filter(|(past, _)| past.version > draft.version)
        .map(|(past, lines)| view! { <li><p>{saved(&past, given.visit.now, FIRST)}</p>{lines_view(lines)}</li> })
        .collect();
    Some(view! {
        <Notice kind=NoticeKind::Warning>
            <p>
                "The rules were changed since you began. Those changes are listed here; below is \
                 your change on top of them. Save it to apply it too."
            </p>
            <ol class="plain-list others">{items}</ol>
        </Notice>
    })
}

/// Waits for the figures, or lets the page poll for them.
async fn figures_of(given: &PageData, draft: &Draft, after: Settings) -> AnyView {
    if given.view.text("figures") == "later" {
        return view! { <figures::Waiting draft=draft.id.clone() whole=preview(&draft.id, false)/> }
            .into_any();
    }
    figures::view(&given.visit.engine, after).await
}

fn refused(words: String, back: String) -> AnyView {
    view! {
        <PageHead title=TITLE line=LINE/>
        <div class="panels rules">
            <Notice kind=NoticeKind::Failed>{words}</Notice>
            <p><a class="button" href=back>"Show the current rules"</a></p>
        </div>
    }
    .into_any()
}

fn none() -> AnyView {
    view! {
        <PageHead title=TITLE line=LINE/>
        <section class="panel">
            <Empty>
                "This change no longer exists: it was saved, or replaced by another. "
                <a href=PATH>"See the rules"</a>
            </Empty>
        </section>
    }
    .into_any()
}
