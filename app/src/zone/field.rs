//! The field that names a time zone.

use crate::ui::Icon;
use domain::zone::Zone;
use leptos::prelude::*;

/// A labelled box that finds zones by any part of their names.
#[component]
pub fn ZoneField(
    /// What stands in it.
    #[prop(into)]
    value: String,
    /// What was wrong with it.
    #[prop(into, default = None)]
    error: Option<String>,
) -> impl IntoView {
    let described = error.as_ref().map_or("zone-help", |_| "zone-help zone-error");
    // Options are text alone, and there are hundreds: one string instead of as many nodes.
    let options: String =
        Zone::all().map(|zone| format!("<option value=\"{}\"></option>", zone.name())).collect();
    view! {
        <div class="field">
            <label for="zone">"Time zone"</label>
            <input
                id="zone" name="zone" type="text" list="zones" value=value autocomplete="off"
                spellcheck="false" aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            <datalist id="zones" inner_html=options></datalist>
            <p class="field-help" id="zone-help">
                "UTC, or a place such as Europe/Berlin. Pages show times in it; exports and the \
                 API stay in UTC."
            </p>
            {error.map(|error| view! {
                <p class="field-error" id="zone-error"><Icon name="alert"/>{error}</p>
            })}
        </div>
    }
}
