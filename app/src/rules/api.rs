//! The forms of the rules page.

use super::lists::{self, List};
use super::save::{Applied, Proposed, STALE, form_of, propose, save_newest, save_on};
use super::view::{PATH, Tab, preview};
use super::{change::RuleChange, draft::Draft};
use crate::answer::redirect;
use crate::form::{Form, engine, failed, session};
use crate::saving::{self, NOTHING, SAVED, current, of_request, restore_by};
use domain::{Fault, Invalid, rules::Settings};
use engine::{Engine, settings::ExpectedVersion};
use islands::rules::SCRIPT;
use islands::rules::item::{Group, Item, of_group};
use islands::rules::read::{Fields, RulePath, read};
use leptos::prelude::*;

fn on<'a>(path: &'a str, name: &'a str) -> Form<'a> {
    Form { page: PATH, path, name }
}

/// Changes, adds or removes one rule; leads to the preview.
#[server(prefix = "/_fn", endpoint = "rules-change")]
async fn change_rule(
    /// The rule's place, its old value, and the fields of the form.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    match proposed(&fields, engine.clock().now()) {
        Ok(proposed) => answer(&engine, proposed, &fields).await,
        Err(invalid) => refuse(&fields, invalid).await,
    }
}

/// The fields of the form without those that identify the rule.
fn typed(fields: &Fields) -> Fields {
    let own = |name: &str| !matches!(name, "place" | "was" | "remove" | SCRIPT);
    fields.iter().filter(|(name, _)| own(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

fn proposed(fields: &Fields, now: chrono::DateTime<chrono::Utc>) -> Result<Proposed, Invalid> {
    let broken =
        || Invalid::one("rule", Fault::Unreadable, "The form could not be read. Reload the page.");
    let place = RulePath::read(text(fields, "place")).ok_or_else(broken)?;
    let was = match text(fields, "was") {
        "" => None,
        was => Some(serde_json::from_str::<Item>(was).map_err(|_| broken())?),
    };
    let removes = !text(fields, "remove").is_empty();
    let now = if removes { None } else { Some(read(&place, fields, was.as_ref(), now)?) };
    let change = RuleChange::One { was, now };
    Ok(Proposed { change, place: place.word, fields: typed(fields) })
}

async fn refuse(fields: &Fields, invalid: Invalid) -> Result<(), ServerFnError> {
    let place = text(fields, "place");
    on(&form_of(place), place).refuse(&pairs(fields), invalid).await
}

/// Asks for the password before a change that ends a protection.
async fn ask(fields: &Fields) -> Result<(), ServerFnError> {
    let place = text(fields, "place");
    on(&form_of(place), place).ask_again(&pairs(fields)).await
}

/// What was typed, for the form that is shown again; it has the hidden fields itself.
fn pairs(fields: &Fields) -> Vec<(&str, &str)> {
    let typed = fields.iter().filter(|(name, _)| !["was", "remove", SCRIPT].contains(&&***name));
    typed.map(|(name, value)| (&**name, &**value)).collect()
}

async fn answer(engine: &Engine, proposed: Proposed, fields: &Fields) -> Result<(), ServerFnError> {
    let tab = RulePath::read(&proposed.place).map_or(Tab::Rules, |place| Tab::of(&place));
    let done = tab.path();
    match propose(engine, &session()?, proposed).await? {
        Applied::Drafted(draft) => redirect(&preview(&draft.id, scripted(fields))),
        Applied::Saved => on(&done, "rules").done(SAVED).await,
        Applied::Unchanged => on(&done, "rules").done(NOTHING).await,
        Applied::Refused(invalid) => refuse(fields, invalid).await,
        Applied::AskAgain => ask(fields).await,
    }
}

/// Whether JavaScript runs on the page, which then loads the figures later: it fills in a hidden
/// field.
fn scripted(fields: &Fields) -> bool {
    !text(fields, SCRIPT).is_empty()
}

/// Saves the draft unless somebody else changed the rules since.
#[server(prefix = "/_fn", endpoint = "rules-save")]
async fn save_rules(
    #[server(default)] draft: String,
    #[server(default)] version: String,
    #[server(default)] script: String,
) -> Result<(), ServerFnError> {
    let back = preview(&draft, !script.is_empty());
    let Some(draft) = of_request::<Draft>(&draft).await? else {
        return redirect(&back);
    };
    let (tab, seen) = (draft.tab().path(), ExpectedVersion::of_form(&version));
    let engine = engine()?;
    let now = current(&engine).await.map_err(|error| failed(&error))?;
    let saved = save_on(&engine, &draft.change, now, seen).await;
    saving::finish::<Draft>(on(&tab, "rules"), on(&back, "save"), saved, STALE).await
}

/// Restores an old version of the rules.
#[server(prefix = "/_fn", endpoint = "rules-restore")]
async fn restore_rules(
    #[server(default)] version: String,
    #[server(default)] now: String,
) -> Result<(), ServerFnError> {
    let path = Tab::History.path();
    restore_by::<Settings>(on(&path, "rules"), [version, now], STALE).await
}

/// Sets a kill switch at once, or leads to its preview.
#[server(prefix = "/_fn", endpoint = "rules-kill")]
async fn kill(#[server(flatten)] fields: Fields) -> Result<(), ServerFnError> {
    let (engine, mut fields) = (engine()?, fields);
    fields.insert("place".to_owned(), "kill_switches.new".to_owned());
    let proposed = match proposed(&fields, engine.clock().now()) {
        Ok(proposed) => in_place(&engine, proposed).await?,
        Err(invalid) => return refuse(&fields, invalid).await,
    };
    if fields.contains_key("look") {
        return answer(&engine, proposed, &fields).await;
    }
    match save_newest(&engine, &proposed.change).await? {
        Applied::Refused(invalid) => refuse(&fields, invalid).await,
        Applied::AskAgain => ask(&fields).await,
        _ => on(PATH, "rules").done("The kill switch is on.").await,
    }
}

/// A kill switch for the same region and channel replaces the existing one.
async fn in_place(engine: &Engine, proposed: Proposed) -> Result<Proposed, ServerFnError> {
    let RuleChange::One { was: None, now: Some(now) } = proposed.change else {
        return Ok(proposed);
    };
    let settings = current::<Settings>(engine).await.map_err(|error| failed(&error))?.settings;
    let mut held = of_group(&settings, Group::KillSwitches).into_iter().map(|(_, item)| item);
    let was = held.find(|held| held.key() == now.key());
    Ok(Proposed { change: RuleChange::One { was, now: Some(now) }, ..proposed })
}

#[server(prefix = "/_fn", endpoint = "rules-resume")]
async fn resume(#[server(default)] was: String) -> Result<(), ServerFnError> {
    let form = on(PATH, "rules");
    let was = serde_json::from_str::<Item>(&was).ok();
    let Some(was @ Item::Kill(_)) = was else {
        let words = "The form could not be read. Reload the page.";
        return form.refuse(&[], Invalid::one("rule", Fault::Unreadable, words)).await;
    };
    let change = RuleChange::One { was: Some(was), now: None };
    match save_newest(&engine()?, &change).await? {
        Applied::Refused(invalid) => form.refuse(&[], invalid).await,
        Applied::AskAgain => form.ask_again(&[]).await,
        _ => form.done("The kill switch is off: codes are sent again.").await,
    }
}

/// Adds or replaces number rules from a pasted list.
#[server(prefix = "/_fn", endpoint = "rules-numbers")]
async fn paste_numbers(
    /// The list, and defaults for its lines.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    paste(List::Numbers, fields).await
}

/// Replaces the price table with a pasted one.
#[server(prefix = "/_fn", endpoint = "rules-prices")]
async fn paste_prices(#[server(flatten)] fields: Fields) -> Result<(), ServerFnError> {
    paste(List::Prices, fields).await
}

async fn paste(list: List, fields: Fields) -> Result<(), ServerFnError> {
    let (engine, path) = (engine()?, list.tab().path());
    match lists::take(&engine, &session()?, list, &fields).await? {
        Ok(draft) => redirect(&preview(&draft.id, scripted(&fields))),
        Err(invalid) => on(&path, list.form()).refuse(&pairs(&fields), invalid).await,
    }
}

/// Redirects to the gate's answer about a number; nothing is recorded.
#[server(prefix = "/_fn", endpoint = "rules-try")]
async fn try_number(#[server(flatten)] fields: Fields) -> Result<(), ServerFnError> {
    let engine = engine()?;
    match super::tried::address(&engine, &fields).await.map_err(|error| failed(&error))? {
        Ok(path) => redirect(&path),
        Err(invalid) => on(&Tab::Try.path(), "try").refuse(&pairs(&fields), invalid).await,
    }
}
