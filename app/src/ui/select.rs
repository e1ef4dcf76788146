//! A drop-down list.

use crate::ui::field::{id_of, labelled};
use leptos::prelude::*;

/// A labelled drop-down list.
#[component]
pub(crate) fn Select(
    #[prop(into)] label: String,
    /// Parameter name; also the prefix of its ids, unless `id` is given.
    #[prop(into)]
    name: String,
    /// Prefix of its ids, if a page has several lists of this name.
    #[prop(into, default = String::new())]
    id: String,
    /// Value and label of each option.
    options: Vec<(String, String)>,
    #[prop(into, default = String::new())] value: String,
    #[prop(into, default = String::new())] help: String,
    #[prop(into, default = None)] error: Option<String>,
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

/// An empty option with this label, and one for each value.
pub(crate) fn all_or_one<T: Copy + ToString>(
    all: &str,
    values: &[T],
    label: impl Fn(T) -> String,
) -> Vec<(String, String)> {
    let all = (String::new(), all.to_owned());
    let each = values.iter().map(|&value| (value.to_string(), label(value)));
    std::iter::once(all).chain(each).collect()
}

/// Options from pairs of value and label.
pub(crate) fn options<'a>(
    words: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(String, String)> {
    words.into_iter().map(|(value, words)| (value.to_owned(), words.to_owned())).collect()
}
