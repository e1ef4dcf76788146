//! The tab of settings.

use super::given::PageData;
use super::versions::{Stale, value, versions};
use crate::ui::{Button, Field, FormResult, Hidden, Icon, Panel, When};
use crate::{form::Outcome, saving::VERSIONS};
use chrono::{DateTime, Utc};
use domain::fraud_alerts::{FIELDS, Field as Setting, Settings};
use domain::settings::Section as _;
use engine::settings::PastVersion;
use leptos::prelude::*;
use serde_json::Value;

pub(super) async fn panel(given: &PageData) -> store::Result<AnyView> {
    let now = given.visit.now;
    let (db, kind) = (&given.visit.engine.db, Settings::KIND);
    let current = engine::settings::now(db, kind).await?;
    let past = engine::settings::history(db, kind, VERSIONS).await?;
    let body = if given.visit.sets_up {
        form(given, &current.settings, current.version, &past, now).into_any()
    } else {
        read_only(&current.settings, &past, now).into_any()
    };
    let sets_up = given.visit.sets_up;
    Ok(view! {
        <div class="panels">
            <Panel id="settings" by="settings-title" title="Settings of fraud alerts">{body}</Panel>
            <FormResult tried=given.visit.tried.of("restore") wrong=&["version"]/>
            {versions(past, current.version, sets_up, now)}
        </div>
    }
    .into_any())
}

/// When a setting was changed, as far as `past` goes back.
fn changed(past: &[PastVersion], document: &Value, name: &str, now: DateTime<Utc>) -> AnyView {
    let version = past
        .iter()
        .find(|version| version.differences.iter().any(|difference| difference.name == name));
    match version.and_then(|version| Some((version.changed?, version.changed_by.clone()))) {
        Some((time, by)) => view! { "Changed "<When time now/>" by "{by}"." }.into_any(),
        None if is_default(document, name) => "Default".into_any(),
        None => format!("Not changed in the last {VERSIONS} versions.").into_any(),
    }
}

fn is_default(document: &Value, name: &str) -> bool {
    serde_json::to_value(Settings::default())
        .is_ok_and(|first| first.get(name) == document.get(name))
}

/// A setting's value for a form: what was typed, else the current one.
fn text(tried: &Outcome, document: &Value, name: &str) -> String {
    if tried.is_told() && tried.done().is_none() {
        return tried.value(name);
    }
    match document.get(name) {
        Some(Value::Bool(true)) => "1".to_owned(),
        Some(Value::Bool(false)) | None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn form(
    given: &PageData,
    document: &Value,
    version: i64,
    past: &[PastVersion],
    now: DateTime<Utc>,
) -> impl IntoView + use<> {
    let tried = given.visit.tried.of("settings");
    let stale = tried.error("version").map(|words| {
        let mine: Vec<(&Setting, String)> =
            FIELDS.iter().map(|field| (field, text(&tried, document, field.name))).collect();
        let by = past.first().map(|past| past.changed_by.clone()).unwrap_or_default();
        view! { <Stale words by document=document.clone() mine/> }
    });
    let fields = FIELDS
        .iter()
        .map(|field| {
            let held = text(&tried, document, field.name);
            let error = tried.error(field.name);
            let changed = changed(past, document, field.name, now);
            match document.get(field.name) {
                Some(Value::Bool(_)) => tick(field, !held.is_empty(), error, changed).into_any(),
                _ => view! {
                    <div class="setting">
                        <Field
                            label=field.label name=field.name value=held error help=field.help
                            required=true
                        />
                        <p class="setting-changed">{changed}</p>
                    </div>
                }
                .into_any(),
            }
        })
        .collect_view();
    view! {
        <form class="form settings-form" method="post" action="/_fn/save-fraud-alerts">
            <FormResult tried/>
            {stale}
            <Hidden values=vec![("version".to_owned(), version.to_string())]/>
            {fields}
            <div class="form-end"><Button>"Save"</Button></div>
        </form>
    }
}

fn tick(
    field: &'static Setting,
    on: bool,
    error: Option<String>,
    changed: AnyView,
) -> impl IntoView {
    let id = format!("field-{}", field.name);
    let help = format!("{id}-help");
    view! {
        <div class="setting">
            <div class="tick">
                <input type="checkbox" id=id.clone() name=field.name value="1" checked=on aria-describedby=help.clone()/>
                <label for=id>{field.label}</label>
            </div>
            <p class="field-help" id=help>{field.help}</p>
            {error.map(|error| view! { <p class="field-error"><Icon name="alert"/>{error}</p> })}
            <p class="setting-changed">{changed}</p>
        </div>
    }
}

fn read_only(document: &Value, past: &[PastVersion], now: DateTime<Utc>) -> impl IntoView + use<> {
    let items = FIELDS
        .iter()
        .map(|field| {
            let held = value(document.get(field.name).unwrap_or(&Value::Null));
            let changed = changed(past, document, field.name, now);
            view! {
                <div>
                    <dt>{field.label}</dt>
                    <dd><b>{held}</b><p class="field-help">{field.help}" "{changed}</p></dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <dl class="facts wide">{items}</dl>
        <p class="panel-note">"An admin can change these settings."</p>
    }
}
