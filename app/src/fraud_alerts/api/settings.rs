//! Forms to save and restore the settings.

use super::{super::view::Tab, FormPage};
use crate::saving::{answer_form, restore};
use crate::{form::engine, who};
use domain::fraud_alerts::{FIELDS, Settings};
use domain::settings::Section as _;
use engine::settings::{ExpectedVersion, save_document};
use leptos::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Messages: saved; somebody else saved first.
const WORDS: [&str; 2] = [
    "Settings saved and active.",
    "Somebody else changed these settings in the meantime. Nothing was saved.",
];

/// Saves the settings unless somebody else changed them since the form was shown.
#[server(prefix = "/_fn", endpoint = "save-fraud-alerts")]
async fn save_fraud_alerts(
    /// The version that the form showed, and the settings as text.
    #[server(flatten)]
    fields: BTreeMap<String, String>,
) -> Result<(), ServerFnError> {
    let (engine, place) = (engine()?, FormPage::tab(Tab::Settings));
    let form = place.form("settings");
    let text = |name: &str| fields.get(name).map_or("", String::as_str);
    let kept = FIELDS.map(|field| (field.name, text(field.name)));
    // A form sends texts: convert each to the type of its default.
    let mut document = json!(Settings::default());
    for (name, value) in document.as_object_mut().into_iter().flatten() {
        let text = text(name).trim();
        *value = match value {
            Value::Bool(_) => json!(!text.is_empty()),
            Value::Number(_) => text.parse::<i64>().map_or(json!(text), |number| json!(number)),
            _ => json!(text),
        };
    }
    let (by, seen) = (who::by(), ExpectedVersion::of_form(text("version")));
    let saved = save_document(&engine.db, &by, Settings::KIND, seen, document).await;
    answer_form(form, &kept, saved, WORDS).await
}

/// Restores an old version of the settings.
#[server(prefix = "/_fn", endpoint = "restore-fraud-alerts")]
async fn restore_fraud_alerts(
    #[server(default)] version: String,
    #[server(default)] now: String,
) -> Result<(), ServerFnError> {
    let (engine, place) = (engine()?, FormPage::tab(Tab::Settings));
    let restored = restore::<Settings>(&engine, &now, &version).await;
    answer_form(place.form("restore"), &[], restored, WORDS).await
}
