//! The settings, saved and restored.

use super::super::view::Tab;
use super::Place;
use crate::form::engine;
use crate::saving::{restore, save_document, tell};
use domain::fraud_alerts::{FIELDS, Settings};
use engine::settings::Seen;
use leptos::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is said of settings that were saved, and to the second of two.
const WORDS: [&str; 2] = [
    "The settings are saved and hold now.",
    "Somebody else has changed these settings since. Nothing was saved.",
];

/// Saves the settings, unless somebody else changed them since the form was shown.
///
/// # Errors
/// When the store fails.
#[server(prefix = "/_fn", endpoint = "save-fraud-alerts")]
pub async fn save_fraud_alerts(
    /// The version that the form showed, and the settings.
    #[server(flatten)]
    fields: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let (engine, place) = (engine()?, Place::tab(Tab::Settings));
    let form = place.form("settings");
    let text = |name: &str| fields.get(name).map_or("", String::as_str);
    let kept = FIELDS.map(|field| (field.name, text(field.name)));
    // A form sends texts: each becomes what the default is.
    let mut document = json!(Settings::default());
    for (name, value) in document.as_object_mut().into_iter().flatten() {
        let text = text(name).trim();
        *value = match value {
            Value::Bool(_) => json!(!text.is_empty()),
            Value::Number(_) => text.parse::<i64>().map_or(json!(text), |number| json!(number)),
            _ => json!(text),
        };
    }
    let saved = save_document::<Settings>(&engine, Seen::of_form(text("version")), document).await;
    tell(form, &kept, saved, WORDS).await
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
    let restored = restore::<Settings>(&engine, &now, &version).await;
    tell(place.form("restore"), &[], restored, WORDS).await
}
