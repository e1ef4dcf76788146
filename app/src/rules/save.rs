//! Changes put on the rules: judged, kept for a preview, saved.

use super::change::{Change, Gone};
use super::draft::Draft;
use super::view::{Tab, edit};
use crate::form::failed;
use crate::saving::{current, keep, save};
use domain::rules::Settings;
use domain::settings::Section as _;
use domain::{Fault, FieldError, Invalid};
use engine::Engine;
use engine::settings::{Current, SaveError, Saved, Seen};
use islands::rules::read::{Fields, Place};
use islands::text::{sentence, sentences};
use leptos::prelude::*;
use tower_sessions::Session;

/// How often a change that needs no version is put on what somebody else just saved.
const TRIES: u32 = 5;
/// What is said to the second of two.
pub(super) const STALE: &str = "Somebody else has changed the rules since. Nothing was saved.";

/// What became of a change.
pub(super) enum Became {
    /// It is kept, to be looked at first.
    Kept(Box<Draft>),
    /// It holds.
    Saved,
    /// It says what held already.
    Nothing,
    /// It switches a protection off, and the password was not given lately.
    AskAgain,
    /// It is wrong.
    Refused(Invalid),
}

/// A change as a form has it, with the place and the fields that it goes back to.
pub(super) struct Proposed {
    pub(super) change: Change,
    pub(super) place: String,
    pub(super) fields: Fields,
}

/// Judges a change; keeps it for its preview, or saves it where there is nothing to look at.
///
/// # Errors
/// When the store or the session fails.
pub(super) async fn propose(
    engine: &Engine,
    session: &Session,
    proposed: Proposed,
) -> Result<Became, ServerFnError> {
    let Proposed { change, place, fields } = proposed;
    let now = current::<Settings>(engine).await.map_err(|error| failed(&error))?;
    let after = match change.apply(now.settings.clone()) {
        Ok(after) => after,
        Err(Gone) => return Ok(Became::Refused(gone())),
    };
    if let Err(invalid) = after.check() {
        return Ok(Became::Refused(in_form(invalid, &place, &after, &change)));
    }
    if after.clone().signed(&now.settings, "", chrono::DateTime::UNIX_EPOCH) == now.settings {
        return Ok(Became::Nothing);
    }
    if !change.decides() {
        return save_newest(engine, &change).await;
    }
    let draft = Draft::new(now.version, change, &place, fields);
    keep(session, &draft).await?;
    Ok(Became::Kept(Box::new(draft)))
}

/// Saves a change on top of whatever holds now.
///
/// # Errors
/// When the store fails.
pub(super) async fn save_newest(engine: &Engine, change: &Change) -> Result<Became, ServerFnError> {
    for _ in 0..TRIES {
        let now = current::<Settings>(engine).await.map_err(|error| failed(&error))?;
        let seen = Seen::Version(now.version);
        match save_on(engine, change, now, seen).await {
            Ok(saved) if saved.changed => return Ok(Became::Saved),
            Ok(_) => return Ok(Became::Nothing),
            Err(SaveError::AskAgain) => return Ok(Became::AskAgain),
            Err(SaveError::Stale { .. }) => {}
            Err(SaveError::Invalid(invalid)) => return Ok(Became::Refused(sentences(invalid))),
            Err(SaveError::Store(error)) => return Err(failed(&error)),
        }
    }
    Ok(Became::Refused(Invalid::one("version", Fault::Stale, STALE)))
}

/// Saves a change on the rules that were read, if their version is the one that was seen.
///
/// # Errors
/// See [`SaveError`].
pub(super) async fn save_on(
    engine: &Engine,
    change: &Change,
    now: Current<Settings>,
    seen: Seen,
) -> Result<Saved, SaveError> {
    let after = change.apply(now.settings).map_err(|Gone| gone())?;
    after.check()?;
    save(engine, seen, &after).await
}

/// The address of a place's form.
pub(super) fn form_of(place: &str) -> String {
    Place::read(place).map_or_else(|| Tab::Rules.path(), |place| edit(&place))
}

fn gone() -> Invalid {
    let words = "Somebody else has changed or removed this rule since. The page shows what holds \
                 now; nothing was saved.";
    Invalid::one("rule", Fault::NotFound, words)
}

/// Errors of the whole document at the fields of the form that caused them; what no field of the
/// form is about stands above it.
fn in_form(invalid: Invalid, place: &str, after: &Settings, change: &Change) -> Invalid {
    let root = match change {
        // One more stands where its key is, which is the last place.
        Change::One { now: Some(item), .. } => islands::rules::item::all(after)
            .into_iter()
            .filter(|(_, held)| held.key() == item.key())
            .map(|(place, _)| place)
            .next_back(),
        _ => None,
    };
    let root = root.unwrap_or_else(|| place.to_owned());
    let fields = invalid.fields.into_iter().map(|error| {
        let rest = error.field.strip_prefix(&*root);
        let field = match rest.and_then(|rest| rest.strip_prefix('.')) {
            Some(field) => field.to_owned(),
            None => match (error.field.as_str(), place) {
                ("user_message.help_desk", "user_message") => "help_desk".to_owned(),
                ("user_message.language", "user_message") => "language".to_owned(),
                (field, _) if rest == Some("") && field.starts_with("user_message.texts") => {
                    "language".to_owned()
                }
                _ => "rule".to_owned(),
            },
        };
        FieldError { field, message: sentence(&error.message), ..error }
    });
    Invalid { fields: fields.collect() }
}
