//! The forms of the countries page.

use super::read::{Action, ChannelForm, Fields};
use super::view::{PATH, Tab, View};
use super::{act::act, draft::Draft, save::at};
use crate::answer::redirect;
use crate::form::{Form, engine, failed, session};
use crate::saving::{self, NOTHING, current, forget, keep, of_request, restore_by};
use domain::{Fault, Invalid, countries::Settings, query::Address};
use engine::Engine;
use engine::settings::{Current, ExpectedVersion};
use leptos::prelude::*;

/// Name of all forms of the page, which share one result.
pub(super) const FORM: &str = "countries";
const STALE: &str = "Somebody else changed the countries in the meantime. Nothing was saved.";

fn on(path: &str) -> Form<'_> {
    Form { page: PATH, path, name: FORM }
}

fn broken() -> Invalid {
    let words = "The form could not be read. Reload the page and tick again.";
    Invalid::one("countries", Fault::Unreadable, words)
}

/// Keeps the ticks in a draft and runs the button: look, filter, change many, save.
#[server(prefix = "/_fn", endpoint = "countries-change")]
async fn change_countries(#[server(flatten)] fields: Fields) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let Some(asked) = ChannelForm::read(&fields) else {
        return on(PATH).refuse(&[], broken()).await;
    };
    let now = current(&engine).await.map_err(|error| failed(&error))?;
    let before = at(&engine, &now, asked.base).await.map_err(|error| failed(&error))?;
    let Some(before) = before else { return on(PATH).refuse(&[], broken()).await };
    let held = of_request::<Draft>(&asked.view.draft).await?;
    let mut after = held.map_or_else(|| before.clone(), |draft| draft.on(&before));
    let ticked = asked.countries.clone();
    let acted = act(&asked.action, ticked.clone(), &after, &engine.regions.verified());
    // If the button could do nothing, the ticks are kept.
    let (list, wrong) = acted.map_or_else(|wrong| (ticked, wrong), |list| (list, <_>::default()));
    if let Some(of) = after.of_mut(asked.view.channel) {
        *of = list;
    }
    let view = match &asked.action {
        Action::Go(view) => view.clone(),
        _ => asked.view.clone(),
    };
    let changed = before != after;
    let draft = Draft::new(asked.base, before, after);
    let view =
        view.with(|view| view.draft = if changed { draft.id.clone() } else { <_>::default() });
    if changed {
        keep(&session()?, &draft).await?;
    } else {
        forget::<Draft>().await?;
    }
    let href = view.href();
    match &asked.action {
        _ if !wrong.fields.is_empty() => on(&href).refuse(&[], wrong).await,
        Action::Save if changed => {
            finish(&engine, &draft, &now, ExpectedVersion::Version(asked.base), &view).await
        }
        Action::Filter | Action::Go(_) => redirect(&href),
        _ if changed => redirect(&href),
        _ => on(&href).done(NOTHING).await,
    }
}

/// Saves a draft and shows the result on its page.
async fn finish(
    engine: &Engine,
    draft: &Draft,
    now: &Current<Settings>,
    seen: ExpectedVersion,
    view: &View,
) -> Result<(), ServerFnError> {
    let saved = saving::save(engine, seen, &draft.on(&now.settings)).await;
    let (done, back) = (view.with(|view| view.draft.clear()).href(), view.href());
    saving::finish::<Draft>(on(&done), on(&back), saved, STALE).await
}

/// Saves the draft unless somebody else changed the countries since.
#[server(prefix = "/_fn", endpoint = "countries-save")]
async fn save_countries(#[server(flatten)] fields: Fields) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let view = View::of(Address::of(&fields));
    let Some(draft) = of_request::<Draft>(&view.draft).await? else {
        return redirect(&view.href());
    };
    let now = current(&engine).await.map_err(|error| failed(&error))?;
    let seen = fields
        .get("version")
        .map_or(ExpectedVersion::Unknown, |text| ExpectedVersion::of_form(text));
    finish(&engine, &draft, &now, seen, &view).await
}

/// Restores an old version of the countries.
#[server(prefix = "/_fn", endpoint = "countries-restore")]
async fn restore_countries(
    #[server(default)] version: String,
    #[server(default)] now: String,
) -> Result<(), ServerFnError> {
    let path = View::read("").tab(Tab::History);
    restore_by::<Settings>(on(&path), [version, now], STALE).await
}
