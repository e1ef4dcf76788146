//! The settings, saved and restored.

use super::super::view::Tab;
use super::Place;
use crate::form::{Form, engine, failed};
use crate::who;
use domain::fraud_alerts::Settings;
use domain::settings::Section as _;
use domain::{Fault, Invalid};
use engine::settings::{SaveError, Saved, Seen, restore, save_document};
use islands::text::sentences;
use leptos::prelude::*;
use serde_json::json;

/// Saves the settings, unless somebody else changed them since the form was shown.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "save-fraud-alerts")]
pub async fn save_fraud_alerts(
    /// The version that the form showed.
    #[server(default)]
    version: String,
    /// Whether reports are taken.
    #[server(default)]
    allow_user_reports: String,
    /// Whether whoever reports is blocked.
    #[server(default)]
    auto_block: String,
    /// What proves a report by call or text.
    #[server(default)]
    report_code: String,
    /// How many days a block lasts.
    #[server(default)]
    block_days: String,
    /// Blocks in ten minutes.
    #[server(default)]
    breaker: String,
) -> Result<(), ServerFnError> {
    let (engine, place) = (engine()?, Place::tab(Tab::Settings));
    let form = place.form("settings");
    let kept = [
        ("allow_user_reports", &*allow_user_reports),
        ("auto_block", &auto_block),
        ("report_code", &report_code),
        ("block_days", &block_days),
        ("breaker", &breaker),
    ];
    let number =
        |text: &str| text.trim().parse::<i64>().map_or(json!(text), |number| json!(number));
    let document = json!({
        "allow_user_reports": !allow_user_reports.is_empty(),
        "auto_block": !auto_block.is_empty(),
        "report_code": report_code.trim(),
        "block_days": number(&block_days),
        "breaker": number(&breaker),
    });
    let seen = Seen::of_form(&version);
    let saved = save_document(&engine.db, &who::by(), Settings::KIND, seen, document).await;
    told(form, &kept, saved).await
}

/// Makes an old version of the settings the newest.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "restore-fraud-alerts")]
pub async fn restore_fraud_alerts(
    /// The version to restore.
    #[server(default)]
    version: String,
    /// The version that holds, as the page showed it.
    #[server(default)]
    now: String,
) -> Result<(), ServerFnError> {
    let (engine, place) = (engine()?, Place::tab(Tab::Settings));
    let (seen, wanted) = (Seen::of_form(&now), version.parse().ok());
    let saved = restore(&engine.db, &who::by(), Settings::KIND, seen, wanted).await;
    told(place.form("restore"), &[], saved).await
}

/// What became of it; what was tried over somebody else's change stands beside that.
async fn told(
    form: Form<'_>,
    kept: &[(&str, &str)],
    saved: Result<Saved, SaveError>,
) -> Result<(), ServerFnError> {
    match saved {
        Ok(Saved { changed: true, .. }) => form.done("The settings are saved and hold now.").await,
        Ok(Saved { changed: false, .. }) => form.done("Nothing was changed.").await,
        Err(SaveError::AskAgain) => form.ask_again(kept).await,
        Err(SaveError::Invalid(invalid)) => form.refuse(kept, sentences(invalid)).await,
        Err(SaveError::Stale { .. }) => {
            let words = "Somebody else has changed these settings since. Nothing was saved.";
            form.refuse(kept, Invalid::one("version", Fault::Stale, words)).await
        }
        Err(SaveError::Store(error)) => Err(failed(&error)),
    }
}
