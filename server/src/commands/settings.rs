//! `tollwarden settings`: all settings as TOML, and some changed in one go.

use super::CommandFailure;
use crate::cli::Global;
use crate::opened;
use domain::audit::By;
use engine::settings::{self, SaveError};
use serde_json::Value;
use std::time::Duration;

/// Prints every section.
pub(super) async fn show(global: &Global) -> Result<(), CommandFailure> {
    opened::with(global, Duration::ZERO, async |opened| {
        let mut conn = opened.db.conn().await?;
        let mut document = toml::Table::new();
        for (kind, settings) in settings::all(&mut conn).await? {
            if let Some(section) = toml_of(settings) {
                document.insert(kind.command_name(), section);
            }
        }
        super::put(toml::to_string_pretty(&document)?.trim_end())
    })
    .await
}

/// Changes some settings, all or none.
pub(super) async fn set(global: &Global, assignments: &[String]) -> Result<(), CommandFailure> {
    opened::with(global, Duration::ZERO, async |opened| {
        match settings::set(&opened.db, &By::command(), assignments).await {
            Ok(true) => super::say("the settings are changed"),
            Ok(false) => super::say("the settings already have these values; nothing was changed"),
            Err(SaveError::Stale { .. }) => {
                return Err(CommandFailure::new(
                    "somebody else changed these settings at the same moment; nothing was \
                     changed: check them and try again",
                ));
            }
            Err(error) => return Err(error.into()),
        }
        for kind in settings::sections_of(assignments)? {
            // The change is saved; a failed check is only logged.
            match settings::warnings_now(&opened.db, kind).await {
                Ok(warnings) => warnings.iter().for_each(|warning| {
                    super::say(format!("{}: {warning}", kind.command_name()));
                }),
                Err(error) => tracing::warn!(
                    error = store::with_sources(&error),
                    "could not check whether the settings can match anything"
                ),
            }
        }
        Ok(())
    })
    .await
}

/// Converts JSON to TOML, which has no null: unset values are left out.
fn toml_of(value: Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(yes) => toml::Value::Boolean(yes),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => toml::Value::Integer(whole),
            None => toml::Value::Float(number.as_f64()?),
        },
        Value::String(text) => toml::Value::String(text),
        Value::Array(list) => toml::Value::Array(list.into_iter().filter_map(toml_of).collect()),
        Value::Object(fields) => toml::Value::Table(
            fields.into_iter().filter_map(|(name, value)| Some((name, toml_of(value)?))).collect(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_value_has_its_toml() {
        let table = toml_of(json!({
            "yes": true, "days": 90, "code": "0", "half": 0.5, "none": null,
            "list": ["US", "DE"], "inner": {"mode": "all"}
        }));
        let text = toml::to_string(&table.unwrap()).unwrap();
        let back: toml::Table = text.parse().unwrap();
        assert_eq!(back["code"].as_str(), Some("0"), "digits stay a string");
        assert_eq!(back["days"].as_integer(), Some(90));
        assert_eq!(back["inner"]["mode"].as_str(), Some("all"));
        assert!(!back.contains_key("none"));
        assert_eq!(back.len(), 6);
    }
}
