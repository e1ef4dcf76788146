//! The form that erases a person. Only admins come here; the guard sees to that.

use super::links::PRIVACY;
use crate::form::{Form, engine};
use crate::who;
use domain::erase::Whom;
use domain::{Fault, Invalid, PhoneNumber};
use engine::erase::Last;
use leptos::prelude::*;

/// Erases a person, or counts the rows that have them. What takes long goes on after the answer.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "erase-person")]
pub async fn erase_person(
    /// `user` or `phone`.
    #[server(default)]
    kind: String,
    /// The name or the number.
    #[server(default)]
    value: String,
    /// `yes` when the admin knows that it cannot be undone.
    #[server(default)]
    sure: String,
    /// `count` or `erase`.
    #[server(default)]
    action: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let form = Form { page: "/settings", path: PRIVACY, name: "erase" };
    let dry_run = action != "erase";
    let values = [("kind", &*kind), ("value", &*value)];
    let whom = match whom(&kind, &value, dry_run || sure == "yes") {
        Ok(whom) => whom,
        Err(invalid) => return form.refuse(&values, invalid).await,
    };
    match engine.erase(who::by(), whom, dry_run).await {
        Some(Last::Ended { dry_run: true, .. }) => {
            form.done_with(&values, "Counted. Nothing was changed.").await
        }
        Some(Last::Running) if dry_run => {
            form.done_with(&values, "This goes on. Reload to see how it ends.").await
        }
        Some(Last::Ended { rows, .. }) if rows.is_empty() => {
            form.done("No row had the person. That it was done is on the record.").await
        }
        Some(Last::Ended { .. }) => form.done("The person is erased.").await,
        Some(Last::Failed) => {
            let words = "This could not be done to its end; the server's log says why. Try again.";
            form.refuse(&[("kind", &*kind)], Invalid::one("value", Fault::Internal, words)).await
        }
        Some(Last::Running) => form.done("This goes on. Reload to see how it ends.").await,
        None => {
            let words = "Another erasure is under way. Wait for its end.";
            form.refuse(&[("kind", &*kind)], Invalid::one("value", Fault::Conflict, words)).await
        }
    }
}

/// Whom the form means.
fn whom(kind: &str, value: &str, sure: bool) -> Result<Whom, Invalid> {
    let mut invalid = Invalid::default();
    if !sure {
        invalid.push("sure", Fault::Required, "Tick this to erase, or only count rows.");
    }
    let whom = match kind {
        "phone" => {
            let phone = value.parse::<PhoneNumber>().map(Whom::Phone);
            phone.map_err(|error| (Fault::InvalidPhone, error.to_string()))
        }
        "user" if value.trim().is_empty() => Err((Fault::Required, "Say whom.".to_owned())),
        "user" if value.chars().count() > 320 => {
            Err((Fault::TooLong, "must be at most 320 letters".to_owned()))
        }
        "user" => Ok(Whom::User(value.trim().to_owned())),
        _ => {
            invalid.push("kind", Fault::InvalidChoice, "Choose a user or a number.");
            return Err(invalid);
        }
    };
    match whom {
        Ok(whom) => invalid.or(whom),
        Err((fault, words)) => {
            invalid.push("value", fault, words);
            Err(invalid)
        }
    }
}
