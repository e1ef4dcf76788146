//! Reports dealt with.

use super::super::view::Tab;
use super::Place;
use crate::answer::see_other;
use crate::form::{engine, failed};
use crate::who;
use engine::fraud_alerts::{HandleError, mark_handled};
use leptos::prelude::*;

/// Marks a report as dealt with.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "handle-report")]
pub async fn handle_report(
    /// The report.
    #[server(default)]
    report: String,
    /// What was done about it.
    #[server(default)]
    note: String,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let place = Place::of(&report, Tab::Reports);
    let form = place.form("handle");
    let id = report.parse().unwrap_or_default();
    match mark_handled(&engine.db, &who::by(), id, &note).await {
        Ok(()) => form.done("The report is marked handled.").await,
        Err(HandleError::Missing) => {
            // The page says so itself.
            see_other(&place.path);
            Ok(())
        }
        Err(HandleError::Invalid(invalid)) => form.refuse(&[("note", &note)], invalid).await,
        Err(error) => Err(failed(&error)),
    }
}
