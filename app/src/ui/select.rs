//! One of a few words.

use crate::ui::field::{id_of, labelled};
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
    let options = options
        .into_iter()
        .map(|(word, text)| {
            let chosen = word == value;
            view! { <option value=word selected=chosen>{text}</option> }
        })
        .collect_view();
    let wrong = error.is_some().then_some("true");
    labelled(label, id_of(id, &name), help, error, |id, described| {
        view! {
            <select
                id=id name=name autocomplete="off" aria-describedby=described aria-invalid=wrong
            >
                {options}
            </select>
        }
    })
}

/// Words to choose from, each with the value it sends.
pub fn options<'a>(words: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    words.into_iter().map(|(value, words)| (value.to_owned(), words.to_owned())).collect()
}
