//! The form to mark a report as handled.

use super::{super::view::Tab, FormPage};
use crate::form::{engine, failed};
use crate::{answer::redirect, who};
use engine::{ChangeError, fraud_alerts::mark_handled};
use leptos::prelude::*;

#[server(prefix = "/_fn", endpoint = "handle-report")]
async fn handle_report(
    #[server(default)] report: String,
    #[server(default)] note: String,
) -> Result<(), ServerFnError> {
    let place = FormPage::of(&report, Tab::Reports);
    let form = place.form("handle");
    let id = report.parse().unwrap_or_default();
    match mark_handled(&engine()?.db, &who::by(), id, &note).await {
        Ok(()) => form.done("Report marked as handled.").await,
        Err(ChangeError::Missing) => redirect(&place.path), // The page says that it is gone.
        Err(ChangeError::Invalid(invalid)) => form.refuse(&[("note", &note)], invalid).await,
        Err(error) => Err(failed(&error)),
    }
}
