//! Showing one whole number to somebody who sees masks.

use super::links::{PATH, attempt_path};
use crate::answer::see_other;
use crate::form::{Form, engine, failed};
use crate::profiles::{self, links};
use crate::who;
use engine::signins::{RevealError, reveal};
use leptos::prelude::*;
use uuid::Uuid;

/// Notes in the audit log who sees an attempt's whole number and why, then shows it once.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "reveal-number")]
pub async fn reveal_number(
    /// The attempt's id.
    #[server(default)]
    attempt: String,
    /// The handle of the number's page to go back to; none: the attempt's page.
    #[server(default)]
    of: String,
    /// What that page was asked: its address after the question mark.
    #[server(default)]
    asked: String,
    /// Why the number is needed.
    #[server(default)]
    reason: String,
) -> Result<(), ServerFnError> {
    let Ok(id) = attempt.parse::<Uuid>() else {
        see_other(PATH);
        return Ok(());
    };
    let engine = engine()?;
    let named = engine.handles.key().await.map_err(|error| failed(&error))?.read(&of).is_ok();
    let (page, path) = match named {
        true => ("/numbers/{handle}", profiles::again(&links::number(&of), &asked)),
        false => ("/attempts/{id}", attempt_path(id)),
    };
    let form = Form { page, path: &path, name: "reveal" };
    match reveal(&engine.db, &who::by(), id, &reason).await {
        Ok(phone) => form.done(&phone.to_string()).await,
        Err(RevealError::Invalid(invalid)) => form.refuse(&[("reason", &reason)], invalid).await,
        Err(RevealError::Missing) => {
            // The page says so itself.
            see_other(&path);
            Ok(())
        }
        Err(RevealError::Store(error)) => Err(failed(&error)),
    }
}
