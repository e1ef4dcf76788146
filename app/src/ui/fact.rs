//! Entries of a description list.

use leptos::prelude::*;

/// A label with its value, for a `<dl>`.
pub(crate) fn fact(label: impl Into<String>, value: impl IntoView + 'static) -> AnyView {
    let (label, value) = (label.into(), value.into_any());
    view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()
}
