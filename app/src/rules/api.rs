//! The page's forms.

use super::change::Change;
use super::draft::Draft;
use super::lists::{self, List};
use super::save::{Became, Proposed, STALE, form_of, propose, save_newest, save_on};
use super::view::{PATH, Tab, preview};
use crate::answer::see_other;
use crate::form::{Form, engine, failed, session};
use crate::saving::{self, NOTHING, SAVED, current, forget, of_request, restore_by};
use domain::rules::Settings;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::settings::Seen;
use islands::rules::SCRIPT;
use islands::rules::item::{Group, Item, of_group};
use islands::rules::read::{Fields, Place, read};
use leptos::prelude::*;

fn on<'a>(path: &'a str, name: &'a str) -> Form<'a> {
    Form { page: PATH, path, name }
}

/// Changes, adds or removes one rule: its form leads to the preview.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-change")]
pub async fn change_rule(
    /// The rule's place, what it was, and the form's own fields.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    match proposed(&fields, engine.clock().now()) {
        Ok(proposed) => answer(&engine, proposed, scripted(&fields)).await,
        Err(invalid) => refuse(&fields, invalid).await,
    }
}

/// The form's fields without those that say what it is about.
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
    let place = Place::read(text(fields, "place")).ok_or_else(broken)?;
    let was = match text(fields, "was") {
        "" => None,
        was => Some(serde_json::from_str::<Item>(was).map_err(|_| broken())?),
    };
    let removes = !text(fields, "remove").is_empty();
    let now = if removes { None } else { Some(read(&place, fields, was.as_ref(), now)?) };
    let change = Change::One { was, now };
    Ok(Proposed { change, place: place.word, fields: typed(fields) })
}

async fn refuse(fields: &Fields, invalid: Invalid) -> Result<(), ServerFnError> {
    let place = text(fields, "place");
    on(&form_of(place), place).refuse(&pairs(fields), invalid).await
}

/// Asks for the password before what the form of a place switches off.
async fn ask(fields: &Fields) -> Result<(), ServerFnError> {
    let place = text(fields, "place");
    on(&form_of(place), place).ask_again(&pairs(fields)).await
}

fn pairs(fields: &Fields) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (&**name, &**value)).collect()
}

async fn answer(engine: &Engine, proposed: Proposed, later: bool) -> Result<(), ServerFnError> {
    let (place, fields) = (proposed.place.clone(), proposed.fields.clone());
    let tab = Place::read(&place).map_or(Tab::Rules, |place| Tab::of(&place));
    let done = tab.path();
    match propose(engine, &session()?, proposed).await? {
        Became::Kept(draft) => {
            see_other(&preview(&draft.id, later));
            Ok(())
        }
        Became::Saved => on(&done, "rules").done(SAVED).await,
        Became::Nothing => on(&done, "rules").done(NOTHING).await,
        refused => {
            let mut fields = fields;
            fields.insert("place".to_owned(), place);
            match refused {
                Became::Refused(invalid) => refuse(&fields, invalid).await,
                _ => ask(&fields).await,
            }
        }
    }
}

/// Whether a script runs on the page, which then asks for figures later; it fills a field in that
/// no hand can.
fn scripted(fields: &Fields) -> bool {
    !text(fields, SCRIPT).is_empty()
}

/// Saves what the preview shows, unless somebody else changed the rules since.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-save")]
pub async fn save_rules(
    /// The change.
    #[server(default)]
    draft: String,
    /// The version that the preview showed it on.
    #[server(default)]
    version: String,
    /// Whether a script runs on the page.
    #[server(default)]
    script: String,
) -> Result<(), ServerFnError> {
    let back = preview(&draft, !script.is_empty());
    let Some(draft) = of_request::<Draft>(&draft).await? else {
        see_other(&back);
        return Ok(());
    };
    let (tab, seen) = (draft.tab().path(), Seen::of_form(&version));
    let engine = engine()?;
    let now = current(&engine).await.map_err(|error| failed(&error))?;
    match save_on(&engine, &draft.change, now, seen).await {
        Ok(saved) => {
            forget::<Draft>().await?;
            on(&tab, "rules").done(if saved.changed { SAVED } else { NOTHING }).await
        }
        Err(error) => saving::refuse(on(&back, "save"), &[], error, STALE).await,
    }
}

/// Makes an old version of the rules the newest.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-restore")]
pub async fn restore_rules(
    /// The version to restore.
    #[server(default)]
    version: String,
    /// The version that holds, as the page showed it.
    #[server(default)]
    now: String,
) -> Result<(), ServerFnError> {
    let path = Tab::History.path();
    restore_by::<Settings>(on(&path, "rules"), [version, now], STALE).await
}

/// Shuts a region and a channel: at once, or after a look at what it would refuse.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-kill")]
pub async fn kill(
    /// Region, channel, how long, and why.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    let (engine, mut fields) = (engine()?, fields);
    fields.insert("place".to_owned(), "kill_switches.new".to_owned());
    let proposed = match proposed(&fields, engine.clock().now()) {
        Ok(proposed) => in_place(&engine, proposed).await?,
        Err(invalid) => return refuse(&fields, invalid).await,
    };
    if fields.contains_key("look") {
        return answer(&engine, proposed, scripted(&fields)).await;
    }
    match save_newest(&engine, &proposed.change).await? {
        Became::Refused(invalid) => refuse(&fields, invalid).await,
        Became::AskAgain => ask(&fields).await,
        _ => on(PATH, "rules").done("The kill switch is on.").await,
    }
}

/// A kill switch for what has one already takes its place.
async fn in_place(engine: &Engine, proposed: Proposed) -> Result<Proposed, ServerFnError> {
    let Change::One { was: None, now: Some(now) } = proposed.change else { return Ok(proposed) };
    let settings = current::<Settings>(engine).await.map_err(|error| failed(&error))?.settings;
    let mut held = of_group(&settings, Group::KillSwitches).into_iter().map(|(_, item)| item);
    let was = held.find(|held| held.key() == now.key());
    Ok(Proposed { change: Change::One { was, now: Some(now) }, ..proposed })
}

/// Ends a kill switch at once.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-resume")]
pub async fn resume(
    /// The kill switch.
    #[server(default)]
    was: String,
) -> Result<(), ServerFnError> {
    let form = on(PATH, "rules");
    let was = serde_json::from_str::<Item>(&was).ok();
    let Some(was @ Item::Kill(_)) = was else {
        let words = "The form could not be read. Reload the page.";
        return form.refuse(&[], Invalid::one("rule", Fault::Unreadable, words)).await;
    };
    let change = Change::One { was: Some(was), now: None };
    match save_newest(&engine()?, &change).await? {
        Became::Refused(invalid) => form.refuse(&[], invalid).await,
        Became::AskAgain => form.ask_again(&[]).await,
        _ => form.done("The kill switch is off: codes go out again.").await,
    }
}

/// Number rules from a list that was pasted.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-numbers")]
pub async fn paste_numbers(
    /// The list, and what holds where it says nothing.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    paste(List::Numbers, fields).await
}

/// The price table that was pasted.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-prices")]
pub async fn paste_prices(
    /// The table.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    paste(List::Prices, fields).await
}

async fn paste(list: List, fields: Fields) -> Result<(), ServerFnError> {
    let (engine, path) = (engine()?, list.tab().path());
    match lists::take(&engine, &session()?, list, &fields).await? {
        Ok(draft) => {
            see_other(&preview(&draft.id, scripted(&fields)));
            Ok(())
        }
        Err(invalid) => on(&path, list.form()).refuse(&pairs(&fields), invalid).await,
    }
}

/// Asks the gate about a number; nothing is recorded.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "rules-try")]
pub async fn try_number(
    /// Number, channel, and what else is known.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    match super::tried::address(&engine, &fields).await.map_err(|error| failed(&error))? {
        Ok(path) => {
            see_other(&path);
            Ok(())
        }
        Err(invalid) => on(&Tab::Try.path(), "try").refuse(&pairs(&fields), invalid).await,
    }
}
