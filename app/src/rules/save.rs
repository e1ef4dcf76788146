//! Applies changes to the rules: validates them, stores them as drafts, saves them.

use super::change::{RuleChange, RuleMissing};
use super::draft::Draft;
use super::view::{Tab, edit};
use crate::form::failed;
use crate::saving::{current, keep, save};
use domain::{Fault, FieldError, Invalid, rules::Settings, settings::Section as _};
use engine::Engine;
use engine::settings::{Current, ExpectedVersion, SaveError, Saved};
use islands::rules::read::{Fields, RulePath};
use islands::text::{sentence, sentences};
use leptos::prelude::*;
use tower_sessions::Session;

/// How often a change that needs no version is retried after somebody else saved.
const TRIES: u32 = 5;
/// The message when somebody else saved first.
pub(super) const STALE: &str =
    "Somebody else changed the rules in the meantime. Nothing was saved.";

/// The result of a change.
pub(super) enum Applied {
    /// Stored as a draft for a preview.
    Drafted(Box<Draft>),
    Saved,
    /// It changes nothing.
    Unchanged,
    /// It ends a protection, and the password was not confirmed recently.
    AskAgain,
    Refused(Invalid),
}

/// A change from a form, with the place and the fields of that form.
pub(super) struct Proposed {
    pub(super) change: RuleChange,
    pub(super) place: String,
    pub(super) fields: Fields,
}

/// Validates a change; stores it as a draft, or saves it if it does not affect decisions.
pub(super) async fn propose(
    engine: &Engine,
    session: &Session,
    proposed: Proposed,
) -> Result<Applied, ServerFnError> {
    let Proposed { change, place, fields } = proposed;
    let now = current::<Settings>(engine).await.map_err(|error| failed(&error))?;
    let after = match change.apply(now.settings.clone()) {
        Ok(after) => after,
        Err(RuleMissing) => return Ok(Applied::Refused(gone())),
    };
    if let Err(invalid) = after.check() {
        return Ok(Applied::Refused(in_form(invalid, &place, &after, &change)));
    }
    if after.clone().signed(&now.settings, "", chrono::DateTime::UNIX_EPOCH) == now.settings {
        return Ok(Applied::Unchanged);
    }
    if !change.decides() {
        return save_newest(engine, &change).await;
    }
    let draft = Draft::new(now.version, change, &place, fields);
    keep(session, &draft).await?;
    Ok(Applied::Drafted(Box::new(draft)))
}

/// Saves a change on top of the current rules.
pub(super) async fn save_newest(
    engine: &Engine,
    change: &RuleChange,
) -> Result<Applied, ServerFnError> {
    for _ in 0..TRIES {
        let now = current::<Settings>(engine).await.map_err(|error| failed(&error))?;
        let seen = ExpectedVersion::Version(now.version);
        match save_on(engine, change, now, seen).await {
            Ok(saved) if saved.changed => return Ok(Applied::Saved),
            Ok(_) => return Ok(Applied::Unchanged),
            Err(SaveError::AskAgain) => return Ok(Applied::AskAgain),
            Err(SaveError::Stale { .. }) => {}
            Err(SaveError::Invalid(invalid)) => return Ok(Applied::Refused(sentences(invalid))),
            Err(SaveError::Store(error)) => return Err(failed(&error)),
        }
    }
    Ok(Applied::Refused(Invalid::one("version", Fault::Stale, STALE)))
}

/// Applies a change to the rules that were read and saves them unless somebody else saved after the
/// version that was seen.
pub(super) async fn save_on(
    engine: &Engine,
    change: &RuleChange,
    now: Current<Settings>,
    seen: ExpectedVersion,
) -> Result<Saved, SaveError> {
    let after = change.apply(now.settings).map_err(|RuleMissing| gone())?;
    after.check()?;
    save(engine, seen, &after).await
}

/// URL of a place's form.
pub(super) fn form_of(place: &str) -> String {
    RulePath::read(place).map_or_else(|| Tab::Rules.path(), |place| edit(&place))
}

fn gone() -> Invalid {
    let words = "Somebody else changed or removed this rule in the meantime. The page shows the \
                 current rules; nothing was saved.";
    Invalid::one("rule", Fault::NotFound, words)
}

/// Assigns errors of the document to the fields of the form; those about none go to `rule`, which
/// is shown above the form.
fn in_form(invalid: Invalid, place: &str, after: &Settings, change: &RuleChange) -> Invalid {
    let root = match change {
        // A new rule is found by its key; it is the last one that has it.
        RuleChange::One { now: Some(item), .. } => islands::rules::item::all(after)
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
