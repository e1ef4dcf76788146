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
    /// The input's type: `text`, `email`, `password`, `search`, `datetime-local` …; a time that
    /// cannot be read is shown as text.
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
    let wrong = error.is_some().then_some("true");
    // A browser's own field for times shows nothing of what is not one.
    let kind = if kind == "datetime-local" && error.is_some() { "text" } else { kind };
    labelled(label, id_of(id, &name), help, error, |id, described| {
        view! {
            <input
                id=id
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                required=required
                autofocus=autofocus
                step=step
                aria-invalid=wrong
                aria-describedby=described
            />
        }
    })
}

/// The root of a field's ids: the one that is given, else its name's.
pub(super) fn id_of(id: String, name: &str) -> String {
    if id.is_empty() { format!("field-{name}") } else { id }
}

/// A label, the control that it names, help below, and what was wrong. The control gets its id and
/// the ids of the words that describe it.
pub fn labelled<V: IntoView + 'static>(
    label: impl Into<String>,
    id: String,
    help: impl Into<String>,
    error: Option<String>,
    control: impl FnOnce(String, Option<String>) -> V,
) -> AnyView {
    let (label, help): (String, String) = (label.into(), help.into());
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let described: Vec<_> = [(!help.is_empty(), &help_id), (error.is_some(), &error_id)]
        .into_iter()
        .filter_map(|(there, id)| there.then_some(id.as_str()))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let control = control(id.clone(), described);
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {control}
            {(!help.is_empty()).then(|| view! { <p class="field-help" id=help_id>{help}</p> })}
            {field_error(error, error_id)}
        </div>
    }
    .into_any()
}

/// What was wrong with a field.
pub fn field_error(error: Option<String>, id: impl Into<String>) -> Option<AnyView> {
    let id = id.into();
    error.map(|error| {
        view! { <p class="field-error" id=id><Icon name="alert"/>{error}</p> }.into_any()
    })
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
