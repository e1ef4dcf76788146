//! The island that renews imports and sources while one is under way.

use crate::browser;
use leptos::prelude::*;

/// Renews what carries `data-poll`, once a second, as long as the server says that it may change.
#[island]
pub fn LiveIntake() -> impl IntoView {
    browser::listen_for_jobs();
}
