//! One click copies.

use crate::ui::Icon;
use leptos::prelude::*;

/// A button that copies a value. Shown only where a script runs; see `islands/src/browser/keys.rs`.
#[component]
pub fn Copy(
    /// What is copied, whole.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let label = format!("Copy {value}");
    view! {
        <button type="button" class="copy" data-copy=value aria-label=label title="Copy">
            <Icon name="copy"/>
        </button>
    }
}
