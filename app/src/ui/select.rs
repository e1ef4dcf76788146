//! One of a few words.

use crate::ui::Icon;
use leptos::prelude::*;

/// A labelled list of words to choose from.
#[component]
pub fn Select(
    /// What it is called on the page.
    #[prop(into)]
    label: String,
    /// What it is called in the form; also the root of its ids, unless `id` says another.
    #[prop(into)]
    name: String,
    /// The root of its ids, where a page has more than one list of this name.
    #[prop(into, default = String::new())]
    id: String,
    /// What can be chosen: the value sent, and its words.
    options: Vec<(String, String)>,
    /// The value that is chosen.
    #[prop(into, default = String::new())]
    value: String,
    /// A line that says what it is for.
    #[prop(into, default = String::new())]
    help: String,
    /// What was wrong with it.
    #[prop(into, default = None)]
    error: Option<String>,
) -> impl IntoView {
    let id = if id.is_empty() { format!("field-{name}") } else { id };
    let (help_id, error_id) = (format!("{id}-help"), format!("{id}-error"));
    let described: Vec<_> = [(!help.is_empty(), &help_id), (error.is_some(), &error_id)]
        .into_iter()
        .filter_map(|(there, id)| there.then_some(id.as_str()))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let options = options
        .into_iter()
        .map(|(word, text)| {
            let chosen = word == value;
            view! { <option value=word selected=chosen>{text}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                id=id name=name autocomplete="off" aria-describedby=described
                aria-invalid=error.is_some().then_some("true")
            >
                {options}
            </select>
            {(!help.is_empty()).then(|| view! { <p class="field-help" id=help_id>{help}</p> })}
            {error.map(|error| view! {
                <p class="field-error" id=error_id><Icon name="alert"/>{error}</p>
            })}
        </div>
    }
}
