//! Settings that a page's forms change: as the store has them, saved on the version that was seen,
//! an old version made the newest again; and a change that the session keeps until it is saved.

use crate::form::{Form, engine, failed, session};
use crate::who;
use domain::settings::Section;
use domain::{Fault, Invalid};
use engine::Engine;
use engine::settings::{self, Current, Past, SaveError, Saved, Seen};
use islands::text::sentences;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_sessions::Session;
use tower_sessions::session::Error;

/// Versions that a page tells.
pub(crate) const VERSIONS: i64 = 30;
/// What is said of a change that was looked at before.
pub(crate) const SAVED: &str = "Saved, and holds now.";
/// What is said of a change that is none.
pub(crate) const NOTHING: &str = "Nothing was changed.";

/// What holds.
///
/// # Errors
/// When the store refuses.
pub(crate) async fn current<S: Section>(engine: &Engine) -> Result<Current<S>, store::Error> {
    let mut conn = engine.db.conn().await?;
    settings::load::<S>(&mut conn).await
}

/// The versions before, newest first.
///
/// # Errors
/// When the store refuses.
pub(crate) async fn history<S: Section>(
    engine: &Engine,
    limit: i64,
) -> Result<Vec<Past>, store::Error> {
    settings::history(&engine.db, S::KIND, limit).await
}

/// Saves settings, if the version that holds is still the one that was seen.
///
/// # Errors
/// See [`SaveError`].
pub(crate) async fn save<S: Section>(
    engine: &Engine,
    seen: Seen,
    new: &S,
) -> Result<Saved, SaveError> {
    settings::save(&engine.db, &who::by(), seen, new).await
}

/// The same with a document that may be wrong.
///
/// # Errors
/// See [`SaveError`].
pub(crate) async fn save_document<S: Section>(
    engine: &Engine,
    seen: Seen,
    document: Value,
) -> Result<Saved, SaveError> {
    settings::save_document(&engine.db, &who::by(), S::KIND, seen, document).await
}

/// Makes an old version the newest, if the version that holds is still the one that was seen; both
/// as a form carries them.
///
/// # Errors
/// See [`SaveError`].
pub(crate) async fn restore<S: Section>(
    engine: &Engine,
    seen: &str,
    version: &str,
) -> Result<Saved, SaveError> {
    let (seen, version) = (Seen::of_form(seen), version.parse().ok());
    settings::restore(&engine.db, &who::by(), S::KIND, seen, version).await
}

/// The same for a form that sends both versions, and says on its page what became of it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn restore_by<S: Section>(
    form: Form<'_>,
    [version, now]: [String; 2],
    stale: &str,
) -> Result<(), ServerFnError> {
    match restore::<S>(&engine()?, &now, &version).await {
        Ok(_) => form.done(&format!("Version {version} holds again.")).await,
        Err(error) => refuse(form, &[], error, stale).await,
    }
}

/// Says on a form's page that settings were saved, or why not; see [`refuse`].
///
/// # Errors
/// When the store fails.
pub(crate) async fn tell(
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

/// Sends a form back whose settings were not saved, with what was typed. `stale` is said to the
/// second of two who changed them at once.
///
/// # Errors
/// When the store fails.
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

/// A change that is not saved yet: kept in the session between its form, its preview and its being
/// saved. A session has one of each page: a newer takes its place.
pub(crate) trait Draft: Serialize + DeserializeOwned + Send + Sync {
    /// Where the session keeps it.
    const KEY: &'static str;

    /// Its name in addresses.
    fn id(&self) -> &str;
}

/// A name for another draft.
pub(crate) fn new_id() -> String {
    store::random::bytes::<6>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keeps a draft.
///
/// # Errors
/// When the session cannot be written.
pub(crate) async fn keep<D: Draft>(session: &Session, draft: &D) -> Result<(), ServerFnError> {
    session.insert(D::KEY, draft).await.map_err(|error| failed(&error))
}

/// The draft of this name, if the session has it.
///
/// # Errors
/// When the session cannot be read.
pub(crate) async fn find<D: Draft>(session: &Session, id: &str) -> Result<Option<D>, Error> {
    if id.is_empty() {
        return Ok(None);
    }
    Ok(session.get::<D>(D::KEY).await?.filter(|draft| draft.id() == id))
}

/// The same from a server function.
///
/// # Errors
/// When the session cannot be read.
pub(crate) async fn of_request<D: Draft>(id: &str) -> Result<Option<D>, ServerFnError> {
    find(&session()?, id).await.map_err(|error| failed(&error))
}

/// Forgets the draft that the session has.
///
/// # Errors
/// When the session cannot be written.
pub(crate) async fn forget<D: Draft>() -> Result<(), ServerFnError> {
    session()?.remove::<D>(D::KEY).await.map(drop).map_err(|error| failed(&error))
}
