//! Settings that a page's forms change: load them, save them against the version that was seen,
//! restore an old version; and drafts, kept in the session until they are saved.

use crate::form::{Form, engine, failed, session};
use crate::who;
use domain::{Fault, Invalid, settings::Section};
use engine::Engine;
use engine::settings::{self, Current, ExpectedVersion, PastVersion, SaveError, Saved};
use islands::text::sentences;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::{Session, session::Error};

/// Number of versions that a page lists.
pub(crate) const VERSIONS: i64 = 30;
pub(crate) const SAVED: &str = "Saved and active.";
pub(crate) const NOTHING: &str = "Nothing was changed.";

/// The current settings and their version.
pub(crate) async fn current<S: Section>(engine: &Engine) -> Result<Current<S>, store::Error> {
    let mut conn = engine.db.conn().await?;
    settings::load::<S>(&mut conn).await
}

/// Past versions, newest first.
pub(crate) async fn history<S: Section>(
    engine: &Engine,
    limit: i64,
) -> Result<Vec<PastVersion>, store::Error> {
    settings::history(&engine.db, S::KIND, limit).await
}

/// Saves settings unless somebody else saved after the version that was seen.
pub(crate) async fn save<S: Section>(
    engine: &Engine,
    seen: ExpectedVersion,
    new: &S,
) -> Result<Saved, SaveError> {
    settings::save(&engine.db, &who::by(), seen, new).await
}

/// Saves an old version again unless somebody else saved after the version that was seen. Both are
/// texts from a form.
pub(crate) async fn restore<S: Section>(
    engine: &Engine,
    seen: &str,
    version: &str,
) -> Result<Saved, SaveError> {
    let (seen, version) = (ExpectedVersion::of_form(seen), version.parse().ok());
    settings::restore(&engine.db, &who::by(), S::KIND, seen, version).await
}

/// As [`restore`], and shows the result on the form's page.
pub(crate) async fn restore_by<S: Section>(
    form: Form<'_>,
    [version, now]: [String; 2],
    stale: &str,
) -> Result<(), ServerFnError> {
    match restore::<S>(&engine()?, &now, &version).await {
        Ok(_) => form.done(&format!("Version {version} restored.")).await,
        Err(error) => refuse(form, &[], error, stale).await,
    }
}

/// Shows on a form's page that settings were saved, or why not; see [`refuse`].
pub(crate) async fn answer_form(
    form: Form<'_>,
    kept: &[(&str, &str)],
    saved: Result<Saved, SaveError>,
    [done, stale]: [&str; 2],
) -> Result<(), ServerFnError> {
    match saved {
        Ok(saved) => form.done(if saved.changed { done } else { NOTHING }).await,
        Err(error) => refuse(form, kept, error, stale).await,
    }
}

/// Sends a form back whose settings were not saved, with what was typed. `stale` is the message
/// when somebody else saved first.
pub(crate) async fn refuse(
    form: Form<'_>,
    kept: &[(&str, &str)],
    error: SaveError,
    stale: &str,
) -> Result<(), ServerFnError> {
    match error {
        SaveError::AskAgain => form.ask_again(kept).await,
        SaveError::Invalid(invalid) => form.refuse(kept, sentences(invalid)).await,
        SaveError::Stale { .. } => {
            form.refuse(kept, Invalid::one("version", Fault::Stale, stale)).await
        }
        SaveError::Store(error) => Err(failed(&error)),
    }
}

/// A change that is not saved yet, kept in the session between form, preview and save. A session
/// has one draft per page; a newer one replaces it.
pub(crate) trait Draft: Serialize + DeserializeOwned + Send + Sync {
    /// Session key.
    const KEY: &'static str;

    /// Id in URLs.
    fn id(&self) -> &str;
}

/// A random id for a new draft.
pub(crate) fn new_id() -> String {
    store::random::bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Stores a draft in the session.
pub(crate) async fn keep<D: Draft>(session: &Session, draft: &D) -> Result<(), ServerFnError> {
    session.insert(D::KEY, draft).await.map_err(|error| failed(&error))
}

/// The session's draft, if there is a session and its draft has this id.
pub(crate) async fn find<D: Draft>(
    session: Option<&Session>,
    id: &str,
) -> Result<Option<D>, Error> {
    let Some(session) = session.filter(|_| !id.is_empty()) else { return Ok(None) };
    Ok(session.get::<D>(D::KEY).await?.filter(|draft| draft.id() == id))
}

/// As [`find`], for a server function.
pub(crate) async fn of_request<D: Draft>(id: &str) -> Result<Option<D>, ServerFnError> {
    find(Some(&session()?), id).await.map_err(|error| failed(&error))
}

/// Removes the session's draft.
pub(crate) async fn forget<D: Draft>() -> Result<(), ServerFnError> {
    session()?.remove::<D>(D::KEY).await.map(drop).map_err(|error| failed(&error))
}

/// Shows the result of saving a draft: with `done` if it was saved, which removes the draft, else
/// with `back`.
pub(crate) async fn finish<D: Draft>(
    done: Form<'_>,
    back: Form<'_>,
    saved: Result<Saved, SaveError>,
    stale: &str,
) -> Result<(), ServerFnError> {
    if saved.is_err() {
        return answer_form(back, &[], saved, [SAVED, stale]).await;
    }
    forget::<D>().await?;
    answer_form(done, &[], saved, [SAVED, stale]).await
}
