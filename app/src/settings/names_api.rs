//! The form of flows' and apps' names. The guard admits only admins.

use super::links::NAMES;
use crate::form::{Form, engine, failed};
use crate::saving::{answer_form, current, save};
use domain::names::{Kind, Settings, field};
use domain::{Fault, Invalid, settings::Section as _};
use engine::settings::ExpectedVersion;
use islands::text::sentences;
use leptos::prelude::*;

/// Messages: saved; somebody else saved first.
const WORDS: [&str; 2] = [
    "Names saved. They are shown on every page.",
    "Somebody else changed these names in the meantime. Nothing was saved. What you typed is \
     still here: save again to keep it.",
];

/// Saves the names in the form, and up to one more of each kind. An empty name removes a name;
/// names not in the form stay.
#[server(prefix = "/_fn", endpoint = "save-names")]
async fn save_names(
    #[server(default)] version: String,
    #[server(default)] flow_ids: Vec<String>,
    /// In the order of the ids.
    #[server(default)]
    flow_names: Vec<String>,
    #[server(default)] app_ids: Vec<String>,
    /// In the order of the ids.
    #[server(default)]
    app_names: Vec<String>,
) -> Result<(), ServerFnError> {
    let engine = engine()?;
    let form = Form { page: "/settings", path: NAMES, name: "names" };
    let mut typed = Vec::new();
    for (kind, ids, names) in [(Kind::Flow, flow_ids, flow_names), (Kind::App, app_ids, app_names)]
    {
        typed.extend(ids.into_iter().zip(names).map(|(id, name)| (kind, id, name)));
    }
    let known = current::<Settings>(&engine).await.map_err(|error| failed(&error))?;
    let kept = typed_fields(&typed);
    let kept: Vec<(&str, &str)> = kept.iter().map(|(field, name)| (&**field, &**name)).collect();
    let new = match changed(known.settings, typed) {
        Ok(new) => new,
        Err(invalid) => return form.refuse(&kept, sentences(invalid)).await,
    };
    let saved = save(&engine, ExpectedVersion::of_form(&version), &new).await;
    answer_form(form, &kept, saved, WORDS).await
}

/// What was typed, under the field names by which the page looks it up. The line for a new id has
/// fields of its own.
fn typed_fields(typed: &[(Kind, String, String)]) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> =
        typed.iter().map(|(kind, id, name)| (field(*kind, id.trim()), name.clone())).collect();
    for kind in Kind::ALL {
        // The last line of each kind is the one for a new id.
        if let Some((_, id, name)) = typed.iter().rev().find(|(known, ..)| *known == kind) {
            kept.push((format!("new-{}-id", kind.setting()), id.clone()));
            kept.push((format!("new-{}-name", kind.setting()), name.clone()));
        }
    }
    kept
}

/// The saved names, changed by what was typed.
fn changed(
    mut settings: Settings,
    typed: Vec<(Kind, String, String)>,
) -> Result<Settings, Invalid> {
    let mut invalid = Invalid::default();
    for (kind, id, name) in typed {
        let (id, name) = (id.trim(), name.trim());
        match (id.is_empty(), name.is_empty()) {
            (true, true) => {}
            (true, false) => {
                let message = "An id is needed for this name.";
                invalid.push(&format!("new-{}-id", kind.setting()), Fault::Required, message);
            }
            (false, true) => {
                settings.of_mut(kind).remove(id);
            }
            (false, false) => {
                settings.of_mut(kind).insert(id.to_owned(), name.to_owned());
            }
        }
    }
    if let Err(wrong) = settings.check() {
        invalid.fields.extend(wrong.fields);
    }
    invalid.or(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(lines: &[(Kind, &str, &str)]) -> Vec<(Kind, String, String)> {
        lines.iter().map(|&(kind, id, name)| (kind, id.to_owned(), name.to_owned())).collect()
    }

    #[test]
    fn what_is_listed_changes_and_the_rest_stays() {
        let mut held = Settings::default();
        held.flows.insert("up".to_owned(), "Sign-up".to_owned());
        held.flows.insert("elsewhere".to_owned(), "Kept".to_owned());
        let lines = typed(&[
            (Kind::Flow, "up", "  "),
            (Kind::Flow, "in", " Sign-in "),
            (Kind::Flow, "", ""),
            (Kind::App, "a1", "Shop"),
        ]);
        let settings = changed(held, lines).unwrap();
        let flows: Vec<_> = settings.flows.iter().map(|(id, name)| (&**id, &**name)).collect();
        assert_eq!(flows, [("elsewhere", "Kept"), ("in", "Sign-in")]);
        assert_eq!(settings.name(Kind::App, "a1"), "Shop");
    }

    #[test]
    fn mistakes_are_told_beside_their_fields() {
        let lines = typed(&[
            (Kind::Flow, "a", "Same"),
            (Kind::Flow, "b", "same"),
            (Kind::App, "x", "bad\u{7}"),
            (Kind::App, "", "nobody's"),
        ]);
        let invalid = sentences(changed(Settings::default(), lines).unwrap_err());
        assert_eq!(invalid.of("flows.b"), Some("Must be another name: a has this one."));
        assert!(invalid.of("apps.x").is_some_and(|words| words.contains("control characters")));
        assert_eq!(invalid.of("new-apps-id"), Some("An id is needed for this name."));
    }
}
