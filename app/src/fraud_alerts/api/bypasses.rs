//! Bypasses given and taken back.

use super::super::view::Tab;
use super::{Place, ended};
use crate::form::{engine, failed};
use crate::who;
use domain::blocks::NewBypass;
use domain::{Fault, Invalid};
use engine::blocks::BlockError;
use islands::text::sentences;
use leptos::prelude::*;

/// Lets a user or a number through once.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "give-bypass")]
pub async fn give_bypass(
    /// Whom.
    #[server(default)]
    value: String,
    /// How long it waits to be used, in minutes.
    #[server(default)]
    minutes: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::tab(Tab::Bypasses);
    let form = place.form("bypass");
    let kept = [("value", &*value), ("minutes", &minutes), ("reason", &reason)];
    let seconds = minutes.trim().parse::<i64>().ok().and_then(|minutes| minutes.checked_mul(60));
    let new = match NewBypass::read("", &value, seconds, &reason) {
        Ok(new) => new,
        Err(invalid) => {
            let mut invalid = sentences(invalid);
            for error in invalid.fields.iter_mut().filter(|error| error.field == "seconds") {
                error.field = "minutes".to_owned();
                error.message = "Must be a whole number from 1 to 10080 (7 days).".to_owned();
            }
            let kinds = |error: &&mut domain::FieldError| error.code == Fault::InvalidChoice;
            for error in invalid.fields.iter_mut().filter(kinds) {
                error.message = "Must be a user or one whole number.".to_owned();
            }
            return form.refuse(&kept, invalid).await;
        }
    };
    match engine::blocks::bypass(&engine.db, &who::by(), &new).await {
        Ok(given) => form.done(&format!("{} is let through once.", given.value)).await,
        Err(BlockError::AlreadyBypassed(present)) => {
            let words = BlockError::AlreadyBypassed(present.clone()).to_string();
            let words = format!("{} {words}.", present.value);
            form.refuse(&kept, Invalid::one("value", Fault::Duplicate, words)).await
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Takes a bypass back, for a reason.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "end-bypass")]
pub async fn end_bypass(
    /// The bypass.
    #[server(default)]
    id: String,
    /// Why.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::tab(Tab::Bypasses);
    let id = id.parse().unwrap_or_default();
    let name = format!("end-{id}");
    let done = engine::blocks::end_bypass(&engine.db, &who::by(), id, &reason).await;
    let done = done.map(|ended| format!("The bypass of {} is taken back.", ended.value));
    let gone = "This bypass was used or has ended. The page shows what holds now.";
    ended(&place, [&name, "bypass"], &reason, done, gone).await
}
