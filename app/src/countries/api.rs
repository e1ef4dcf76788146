//! The page's forms.

use super::act::act;
use super::draft::Draft;
use super::read::{Action, Asked, Fields};
use super::save::{at, save};
use super::view::{PATH, Tab, View};
use crate::answer::see_other;
use crate::form::{Form, engine, failed, session};
use crate::saving::{self, NOTHING, SAVED, current, forget, keep, of_request, restore_by};
use domain::countries::Settings;
use domain::query::Address;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::settings::{Current, Saved, Seen};
use leptos::prelude::*;

/// The form's name, for what the page tells once.
pub(super) const FORM: &str = "countries";
const STALE: &str = "Somebody else has changed the countries since. Nothing was saved.";

fn on(path: &str) -> Form<'_> {
    Form { page: PATH, path, name: FORM }
}

fn broken() -> Invalid {
    let words = "The form could not be read. Reload the page and tick again.";
    Invalid::one("countries", Fault::Unreadable, words)
}

/// Keeps what is ticked, and does what the button says: look, filter, many at once, save.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "countries-change")]
pub async fn change_countries(
    /// Channel, mode, ticks, and the button.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let Some(asked) = Asked::read(&fields) else {
        return on(PATH).refuse(&[], broken()).await;
    };
    let now = current(&engine).await.map_err(|error| failed(&error))?;
    match proposed(&engine, &asked, &now).await? {
        Some(proposed) => answer(&engine, &asked, proposed, &now).await,
        None => on(PATH).refuse(&[], broken()).await,
    }
}

/// The settings that the form was made of, and those it asks for.
struct Proposed {
    before: Settings,
    after: Settings,
    /// Why the button did nothing; what was ticked is kept.
    wrong: Invalid,
}

async fn proposed(
    engine: &Engine,
    asked: &Asked,
    now: &Current<Settings>,
) -> Result<Option<Proposed>, ServerFnError> {
    let before = at(engine, now, asked.base).await.map_err(|error| failed(&error))?;
    let Some(before) = before else { return Ok(None) };
    let held = of_request::<Draft>(&asked.view.draft).await?;
    let mut after = held.map_or_else(|| before.clone(), |draft| draft.on(&before));
    let ticked = asked.countries.clone();
    let acted = act(&asked.action, ticked.clone(), &after, &engine.regions.verified());
    let (list, wrong) = acted.map_or_else(|wrong| (ticked, wrong), |list| (list, <_>::default()));
    if let Some(of) = after.of_mut(asked.view.channel) {
        *of = list;
    }
    Ok(Some(Proposed { before, after, wrong }))
}

async fn answer(
    engine: &Engine,
    asked: &Asked,
    proposed: Proposed,
    now: &Current<Settings>,
) -> Result<(), ServerFnError> {
    let Proposed { before, after, wrong } = proposed;
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
            finish(engine, &draft, now, Seen::Version(asked.base), &view).await
        }
        Action::Filter | Action::Go(_) => {
            see_other(&href);
            Ok(())
        }
        _ if changed => {
            see_other(&href);
            Ok(())
        }
        _ => on(&href).done(NOTHING).await,
    }
}

/// Saves a draft, and says on its page what became of it.
async fn finish(
    engine: &Engine,
    draft: &Draft,
    now: &Current<Settings>,
    seen: Seen,
    view: &View,
) -> Result<(), ServerFnError> {
    match save(engine, draft, &now.settings, seen).await {
        Ok(Saved { changed, .. }) => {
            forget::<Draft>().await?;
            let href = view.with(|view| view.draft.clear()).href();
            on(&href).done(if changed { SAVED } else { NOTHING }).await
        }
        Err(error) => saving::refuse(on(&view.href()), &[], error, STALE).await,
    }
}

/// Saves what the page shows as unsaved, unless somebody else changed the countries since.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "countries-save")]
pub async fn save_countries(
    /// The draft, the version it was shown on, and the view.
    #[server(flatten)]
    fields: Fields,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let view = View::of(Address::of(&fields));
    let Some(draft) = of_request::<Draft>(&view.draft).await? else {
        see_other(&view.href());
        return Ok(());
    };
    let now = current(&engine).await.map_err(|error| failed(&error))?;
    let seen = fields.get("version").map_or(Seen::Unknown, |text| Seen::of_form(text));
    finish(&engine, &draft, &now, seen, &view).await
}

/// Makes an old version of the countries the newest.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "countries-restore")]
pub async fn restore_countries(
    /// The version to restore.
    #[server(default)]
    version: String,
    /// The version that holds, as the page showed it.
    #[server(default)]
    now: String,
) -> Result<(), ServerFnError> {
    let path = View::read("").tab(Tab::History);
    restore_by::<Settings>(on(&path), [version, now], STALE).await
}
