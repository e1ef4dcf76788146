//! The field that names a time zone.

use crate::ui::labelled;
use domain::zone::Zone;
use leptos::prelude::*;

/// An input that suggests zones by any part of their names.
#[component]
pub(crate) fn ZoneField(
    #[prop(into)] value: String,
    #[prop(into, default = None)] error: Option<String>,
) -> impl IntoView {
    // Hundreds of options: one string instead of as many nodes.
    let options: String =
        Zone::all().map(|zone| format!("<option value=\"{}\"></option>", zone.name())).collect();
    let wrong = error.is_some().then_some("true");
    let help = "UTC, or a place such as Europe/Berlin. Pages show times in it; exports and the API \
                stay in UTC.";
    labelled("Time zone", "zone".to_owned(), help, error, |id, described| {
        view! {
            <input
                id=id name="zone" type="text" list="zones" value=value autocomplete="off"
                spellcheck="false" aria-invalid=wrong aria-describedby=described
            />
            <datalist id="zones" inner_html=options></datalist>
        }
    })
}
