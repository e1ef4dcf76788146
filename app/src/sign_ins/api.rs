//! Shows an unmasked number to a user who otherwise sees masked ones.

use super::links::{PATH, attempt_path};
use crate::answer::see_other;
use crate::form::{Form, engine, failed};
use crate::profiles::{self, links};
use crate::who;
use engine::ChangeError;
use engine::signins::reveal;
use leptos::prelude::*;
use uuid::Uuid;

/// Shows an attempt's unmasked number once, after writing to the audit log who saw it and why.
///
/// # Errors
/// If the store fails.
#[server(prefix = "/_fn", endpoint = "reveal-number")]
pub(crate) async fn reveal_number(
    #[server(default)] attempt: String,
    /// Handle of the number whose page to return to; empty for the attempt's page.
    #[server(default)]
    of: String,
    /// Query string of that page.
    #[server(default)]
    asked: String,
    #[server(default)] reason: String,
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
        Err(ChangeError::Invalid(invalid)) => form.refuse(&[("reason", &reason)], invalid).await,
        Err(ChangeError::Missing) => {
            // The page says so itself.
            see_other(&path);
            Ok(())
        }
        Err(ChangeError::Store(error)) => Err(failed(&error)),
    }
}
