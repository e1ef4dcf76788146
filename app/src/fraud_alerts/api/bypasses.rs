//! Forms to give and end bypasses.

use super::{super::view::Tab, FormPage, ended, given};
use crate::form::engine;
use crate::who;
use domain::{Fault, blocks::NewBypass};
use islands::text::sentences;
use leptos::prelude::*;

/// Gives a user or a number a bypass.
#[server(prefix = "/_fn", endpoint = "give-bypass")]
async fn give_bypass(
    #[server(default)] value: String,
    /// How long it can be used.
    #[server(default)]
    minutes: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let place = FormPage::tab(Tab::Bypasses);
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
                error.message = "Must be a user or one full number.".to_owned();
            }
            return form.refuse(&kept, invalid).await;
        }
    };
    let done = engine::blocks::bypass(&engine()?.db, &who::by(), &new).await;
    let done = done.map(|bypass| format!("{} is let through once.", bypass.value));
    given(form, &kept, done).await
}

/// Ends a bypass.
#[server(prefix = "/_fn", endpoint = "end-bypass")]
async fn end_bypass(
    #[server(default)] id: String,
    #[server(default)] reason: String,
) -> Result<(), ServerFnError> {
    let place = FormPage::tab(Tab::Bypasses);
    let id = id.parse().unwrap_or_default();
    let name = format!("end-{id}");
    let done = engine::blocks::end_bypass(&engine()?.db, &who::by(), id, &reason).await;
    let done = done.map(|ended| format!("Bypass of {} ended.", ended.value));
    let gone = "This bypass was used or has ended. The page shows the current state.";
    ended(&place, [&name, "bypass"], &reason, done, gone).await
}
