//! The page's hand in the browser: rules are judged as they are typed, by the same code that the
//! server judges them with, and figures follow the page.

use crate::browser;
use leptos::prelude::*;

/// The field that a script fills in, so that the server knows that figures may follow.
pub(super) const SCRIPT: &str = "script";

/// Judges rules as they are typed, and fetches figures.
#[island]
pub fn LiveRules() -> impl IntoView {
    browser::listen_for_rules();
    browser::listen_for_jobs();
}
