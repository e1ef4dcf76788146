//! The page's hand in the browser: regions are found as one types, and the bar says what changes
//! as one ticks.

use crate::browser;
use leptos::prelude::*;

/// Filters rows, and keeps the bar of unsaved changes.
#[island]
pub fn LiveCountries() -> impl IntoView {
    browser::listen_for_countries();
}
