//! The button that copies a value.

use crate::ui::Icon;
use leptos::prelude::*;

/// A button that copies a value. Shown only where a script runs; see `islands/src/browser/keys.rs`.
#[component]
pub(crate) fn Copy(#[prop(into)] value: String) -> impl IntoView {
    let label = format!("Copy {value}");
    view! {
        <button type="button" class="copy" data-copy=value aria-label=label title="Copy">
            <Icon name="copy"/>
        </button>
    }
    .into_any()
}
