//! Form fields: label above, help below, the error in words beside what it is about.

use crate::ui::Icon;
use leptos::prelude::*;

/// One labelled input.
#[component]
pub fn Field(
    /// What it is called on the page.
    #[prop(into)]
    label: String,
    /// What it is called in the form; also the root of its ids, unless `id` says another.
    #[prop(into)]
    name: String,
    /// The root of its ids, where a page has more than one field of this name.
    #[prop(into, default = String::new())]
    id: String,
    /// The input's type: `text`, `email`, `password`, `search`, `datetime-local` …
    #[prop(default = "text")]
    kind: &'static str,
    /// What stands in it.
    #[prop(into, default = String::new())]
    value: String,
    /// A line that says what is allowed or what it is for.
    #[prop(into, default = String::new())]
    help: String,
    /// What was wrong with it.
    #[prop(into, default = None)]
    error: Option<String>,
    /// The browser's autofill word.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether the form needs it.
    #[prop(optional)]
    required: bool,
    /// Whether the page opens with the cursor in it.
    #[prop(optional)]
    autofocus: bool,
    /// The steps of a time, in seconds: `1` for times to the second.
    #[prop(optional)]
    step: Option<&'static str>,
) -> impl IntoView {
    let id = if id.is_empty() { format!("field-{name}") } else { id };
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let described: Vec<_> = [(!help.is_empty(), &help_id), (error.is_some(), &error_id)]
        .into_iter()
        .filter_map(|(there, id)| there.then_some(id.as_str()))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=required
                autofocus=autofocus
                step=step
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
            />
            {(!help.is_empty()).then(|| view! { <p class="field-help" id=help_id>{help}</p> })}
            {error.map(|error| view! {
                <p class="field-error" id=error_id><Icon name="alert"/>{error}</p>
            })}
        </div>
    }
}

/// State that a GET form carries along.
#[component]
pub fn Hidden(
    /// Names and values.
    values: Vec<(String, String)>,
) -> impl IntoView {
    values
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view()
}
