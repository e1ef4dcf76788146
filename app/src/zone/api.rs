//! The form to choose a time zone.

use crate::form::{Form, engine, failed};
use crate::who::signed_in;
use engine::accounts::{AccountError, set_zone};
use leptos::prelude::*;

#[server(prefix = "/_fn", endpoint = "time-zone")]
async fn choose_zone(#[server(default)] zone: String) -> Result<(), ServerFnError> {
    let form = Form::on("/account", "zone");
    match set_zone(&engine()?.db, signed_in()?.id, &zone).await {
        Ok(zone) => form.done(&format!("Times are shown in {zone} from now on.")).await,
        Err(AccountError::Invalid(invalid)) => form.refuse(&[("zone", &zone)], invalid).await,
        Err(error) => Err(failed(&error)),
    }
}
