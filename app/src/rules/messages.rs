//! The tab of messages: what a refused user reads, by language.

use super::given::PageData;
use super::rule::{RuleGroup, row};
use crate::ui::Panel;
use domain::{gate::Verdict, rules::UserTexts};
use islands::rules::item::{Group, Item, of_group};
use leptos::prelude::*;

/// Waiting time in the preview, in seconds.
const WAIT: u32 = 240;

pub(super) fn panel(given: &PageData) -> AnyView {
    let mut items = of_group(&given.current.settings, Group::Messages);
    let desks: Vec<_> = items.extract_if(.., |(_, item)| matches!(item, Item::Desk(..))).collect();
    let texts = items;
    let read: Vec<_> = texts
        .iter()
        .filter_map(|(_, item)| match item {
            Item::Texts(language, _) => Some(language.clone()),
            _ => None,
        })
        .map(|language| reading(&given.current.settings.user_message, &language))
        .collect();
    let line = "Users see the text in their browser’s language, or else in the default language."
        .into_any();
    let desk_rows: Vec<_> =
        desks.into_iter().map(|(place, item)| row(given, place, item)).collect();
    view! {
        <div class="panels">
            <section class="panel rules-group" id="desk" aria-labelledby="desk-title">
                <h2 id="desk-title">"Help desk"</h2>
                <p class="panel-note">"It replaces "<code>"{help_desk}"</code>" in the texts."</p>
                <ul class="rule-list">{desk_rows}</ul>
            </section>
            <RuleGroup
                given=given.clone() group=Group::Messages title="Texts" id="texts" line rules=texts
                add=Some(("user_message.texts.new", "Add a language"))
            />
            <Panel by="read-title" title="What users see">
                <div class="panel-body readings">{read}</div>
            </Panel>
        </div>
    }
    .into_any()
}

/// A language's texts with their placeholders filled.
fn reading(texts: &UserTexts, language: &str) -> impl IntoView + use<> {
    let text = |verdict| texts.for_user(verdict, Some(WAIT), language).text;
    let rows = [
        ("Refused", text(Verdict::Deny)),
        ("Delayed, 4 minutes", text(Verdict::Delay)),
        ("Captcha required", text(Verdict::Challenge)),
    ]
    .map(|(label, text)| {
        let text = if text.is_empty() { "Nothing".to_owned() } else { text };
        view! { <div><dt>{label}</dt><dd>{text}</dd></div> }
    });
    let tag = language.to_owned();
    view! {
        <div>
            <h3>{language.to_owned()}</h3>
            <dl class="facts wide" lang=tag>{rows}</dl>
        </div>
    }
}
