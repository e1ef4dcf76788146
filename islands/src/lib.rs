//! The islands of the console, their code in the browser, and the pure code that server and browser
//! share. Built twice: for the server, where an island is an empty element, and with `hydrate` for
//! WebAssembly.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod browser;
pub mod countries;
pub mod rules;
pub mod scale;
pub mod text;

/// Calls a function of `browser`; does nothing on the server.
macro_rules! in_browser {
    ($start:path) => {
        #[cfg(feature = "hydrate")]
        $start()
    };
}

/// Solves the challenge that the page shows and writes the token into its field.
#[island]
pub fn SolveCaptcha() -> impl IntoView {
    in_browser!(browser::captcha::solve);
}

/// Filters regions while typing, and shows unsaved changes.
#[island]
pub fn LiveCountries() -> impl IntoView {
    in_browser!(browser::countries::listen);
}

/// Updates elements with `data-poll` once a second, as long as the server sends them with it.
#[island]
pub fn LiveIntake() -> impl IntoView {
    in_browser!(browser::poll::listen);
}

/// Listens for `/`, `g` and a letter, `?` and Escape, closes open menus on clicks elsewhere, and
/// activates copy buttons and charts. The dialog `#keys` of the layout lists the keys.
#[island]
pub fn Keys() -> impl IntoView {
    in_browser!(browser::keys::listen);
    in_browser!(browser::charts::listen);
}

/// Updates the page's parts (its named sections, `data-tile`, `data-live-part`) when the server
/// says that something is new.
#[island]
pub fn LiveNews() -> impl IntoView {
    in_browser!(browser::live::listen);
}

/// Checks rules while they are typed, with the server's own code, and fetches figures.
#[island]
pub fn LiveRules() -> impl IntoView {
    in_browser!(browser::rules::listen);
    in_browser!(browser::poll::listen);
}

/// Lets tiles change in place: their links, filters and pages. One island for the whole page.
#[island]
pub fn LiveTiles() -> impl IntoView {
    in_browser!(browser::tiles::listen);
}
