//! The form to erase a person. The guard admits only admins.

use super::links::PRIVACY;
use crate::form::{Form, engine};
use crate::who;
use domain::{Fault, Invalid, PhoneNumber, erase::Whom};
use engine::erase::Last;
use leptos::prelude::*;

/// Erases a person, or counts their rows. A long erasure continues after the answer.
#[server(prefix = "/_fn", endpoint = "erase-person")]
async fn erase_person(
    #[server(default)] kind: String,
    #[server(default)] value: String,
    /// `yes` confirms that it cannot be undone.
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
    let done = match engine.erase(who::by(), whom, dry_run).await {
        Some(Last::Ended { dry_run: true, .. }) => Ok("Counted. Nothing was changed."),
        Some(Last::Running) => Ok("Still running. Reload to see the result."),
        Some(Last::Ended { rows, .. }) if rows.is_empty() => {
            Ok("No rows found for this person. The erasure is recorded in the audit log.")
        }
        Some(Last::Ended { .. }) => Ok("Person erased."),
        Some(Last::Failed) => Err((
            Fault::Internal,
            "This failed before it was complete; the server's log says why. Try again.",
        )),
        None => Err((Fault::Conflict, "Another erasure is running. Wait until it is complete.")),
    };
    match done {
        Ok(words) if dry_run => form.done_with(&values, words).await,
        Ok(words) => form.done(words).await,
        Err((fault, words)) => {
            form.refuse(&[("kind", &*kind)], Invalid::one("value", fault, words)).await
        }
    }
}

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
        "user" if value.trim().is_empty() => {
            Err((Fault::Required, "Enter a user or a number.".to_owned()))
        }
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
