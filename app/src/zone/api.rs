//! The form that chooses a time zone.

use crate::form::{Form, failed};
use crate::who;
use engine::Engine;
use engine::accounts::{AccountError, set_zone};
use leptos::prelude::*;

/// Chooses one's own time zone.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "time-zone")]
pub async fn choose_zone(
    /// Its IANA name.
    #[server(default)]
    zone: String,
) -> Result<(), ServerFnError> {
    let form = Form::on("/account", "zone");
    let nobody = || failed(&std::io::Error::other("nobody is signed in"));
    let engine = use_context::<Engine>().ok_or_else(nobody)?;
    let account = who::account().ok_or_else(nobody)?;
    match set_zone(&engine.db, account.id, &zone).await {
        Ok(zone) => form.done(&format!("Times are shown in {zone} from now on.")).await,
        Err(AccountError::Invalid(invalid)) => form.refuse(&[("zone", &zone)], invalid).await,
        Err(error) => Err(failed(&error)),
    }
}
