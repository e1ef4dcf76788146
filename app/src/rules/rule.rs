//! One rule as a list item: its sentence, mode, reason, author and time, and its form if it is
//! open.

use super::view::{edit, left};
use super::{edit::Form, given::PageData};
use crate::ui::{Button, ButtonKind, Hidden, When};
use domain::rules::Mode as RuleMode;
use islands::rules::item::{Group, Item};
use islands::rules::read::RulePath;
use leptos::prelude::*;

/// Mode of a rule.
#[component]
pub(super) fn Mode(shadow: bool) -> impl IntoView {
    let (class, word) = if shadow { ("mode shadow", "Shadow") } else { ("mode", "Enforced") };
    let help = shadow.then_some("Only marked in decisions; nothing is refused.");
    view! { <span class=class title=help>{word}</span> }
}

/// The hidden fields that identify a rule: its place and its current value.
pub(super) fn hidden(place: &str, item: &Item) -> Vec<(String, String)> {
    // Serializing cannot fail: the rule was deserialized from JSON.
    let was = serde_json::to_string(item).unwrap_or_default();
    vec![("place".to_owned(), place.to_owned()), ("was".to_owned(), was)]
}

/// The line below a rule: mode, time left, reason, author and time.
pub(super) fn meta(given: &PageData, item: &Item) -> impl IntoView + use<> {
    let mode = item.mode().map(|mode| view! { <Mode shadow=mode == RuleMode::Shadow/> });
    let left = left(item.until(), given.visit.now);
    let left = left.map(|left| view! { <span class="left">{left}</span> });
    let reason = item.reason().map(|reason| given.visit.sight.text_owned(reason));
    let reason = reason.map(|reason| view! { <span class="reason">"“"{reason}"”"</span> });
    let now = given.visit.now;
    let who = match item.signature() {
        Some((by, at)) => Some(view! { <span>{by}", "<When time=at now/></span> }.into_any()),
        None if item.is_signed() => Some(view! { <span>"Default"</span> }.into_any()),
        None => given
            .changed(item)
            .map(|(by, at)| view! { <span>{by}", "<When time=at now/></span> }.into_any()),
    };
    view! { <p class="rule-meta">{mode}{left}{reason}{who}</p> }
}

pub(super) fn row(given: &PageData, place: String, item: Item) -> AnyView {
    let Some(at) = RulePath::read(&place) else { return ().into_any() };
    let sentence = item.sentence(given.currency(), given.visit.sight);
    let open = given.visit.guards
        && (given.view.text("edit") == place || given.visit.tried.of(&place).is_told());
    let acts = (given.visit.guards && !open).then(|| acts(&at, &item, &sentence));
    let meta = meta(given, &item);
    let root = at.root();
    let ended = item.until().is_some_and(|until| until <= given.visit.now);
    let form = open.then(|| view! { <Form given=given.clone() place=at item=Some(item)/> });
    view! {
        <li class="rule" class:over=ended class:open=open id=root>
            <div class="rule-line">
                <div class="rule-words"><p>{sentence}</p>{meta}</div>
                {acts}
            </div>
            {form}
        </li>
    }
    .into_any()
}

fn acts(place: &RulePath, item: &Item, sentence: &str) -> impl IntoView + use<> {
    let alone = matches!(
        item,
        Item::Currency(_)
            | Item::Trust(_)
            | Item::Captcha(_)
            | Item::Store(_)
            | Item::B2c(_)
            | Item::Desk(..)
    );
    let kill = matches!(item, Item::Kill(_));
    let values = hidden(&place.word, item);
    let label = |verb: &str| format!("{verb}: {sentence}");
    view! {
        <div class="acts rule-acts">
            {kill.then(|| view! {
                <form method="post" action="/_fn/rules-resume" aria-label=label("Resume now")>
                    <Hidden values=values.clone()/>
                    <Button>"Resume now"</Button>
                </form>
            })}
            <a class="button" href=edit(place) aria-label=label("Edit")>"Edit"</a>
            {(!alone && !kill).then(|| view! {
                <form method="post" action="/_fn/rules-change" aria-label=label("Remove")>
                    <Hidden values=values.clone()/>
                    <super::edit::Script/>
                    <Button kind=ButtonKind::Quiet name="remove" value="1">"Remove"</Button>
                </form>
            })}
        </div>
    }
}

/// A group of rules: heading, introduction, rules, and the form to add one.
#[component]
pub(super) fn RuleGroup(
    given: PageData,
    group: Group,
    title: &'static str,
    id: &'static str,
    line: AnyView,
    /// The rules with their places.
    rules: Vec<(String, Item)>,
    /// Place of a new rule, and label of its link.
    #[prop(default = None)]
    add: Option<(&'static str, &'static str)>,
    /// Shown when there are no rules.
    #[prop(default = "")]
    none: &'static str,
) -> impl IntoView {
    debug_assert!(rules.iter().all(|(_, item)| item.group() == group));
    let empty = rules.is_empty();
    let rows: Vec<_> = rules.into_iter().map(|(place, item)| row(&given, place, item)).collect();
    let title_id = format!("{id}-title");
    let more = add.filter(|_| given.visit.guards).and_then(|(word, words)| {
        let place = RulePath::read(word)?;
        let open = given.view.text("edit") == word || given.visit.tried.of(word).is_told();
        Some(if open {
            let root = place.root();
            view! {
                <div class="rule open" id=root><Form given=given.clone() place item=None/></div>
            }
            .into_any()
        } else {
            view! { <p class="rule-more"><a class="button" href=edit(&place)>{words}</a></p> }
                .into_any()
        })
    });
    view! {
        <section class="panel rules-group" id=id aria-labelledby=title_id.clone()>
            <h2 id=title_id.clone()>{title}</h2>
            <p class="panel-note">{line}</p>
            {(empty && !none.is_empty()).then(|| view! { <p class="panel-note none">{none}</p> })}
            {(!empty).then(|| view! { <ul class="rule-list">{rows}</ul> })}
            {more}
        </section>
    }
}
