//! The hand of a page that stays current.

use crate::browser;
use leptos::prelude::*;

/// Renews the page's parts (its named sections, `data-tile`, `data-live-part`) when the server says that something is
/// new; see [`crate::browser`].
#[island]
pub fn LiveNews() -> impl IntoView {
    browser::listen_for_news();
}
