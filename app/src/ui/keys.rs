//! The keyboard.

use crate::browser;
use leptos::prelude::*;

/// Listens for `/`, `g` and a letter, `?` and Escape, and wakes copy buttons; the list of keys is
/// the dialog `#keys` of the layout.
#[island]
pub fn Keys() -> impl IntoView {
    browser::listen_for_keys();
}
