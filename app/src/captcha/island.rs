//! The captcha's hand.

use crate::browser;
use leptos::prelude::*;

/// Solves the challenge that the page shows and writes the token into its field.
#[island]
pub fn SolveCaptcha() -> impl IntoView {
    browser::solve_captcha();
}
