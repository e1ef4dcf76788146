//! The browser's half of the console: the few islands that hydrate, what they do there, and the
//! pure code that the server and the browser share. Built twice: into the server, where an island
//! is an empty element, and with `hydrate` into WebAssembly.

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod browser;
pub mod countries;
pub mod rules;
pub mod scale;
pub mod text;

/// What an island takes care of in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    Captcha,
    Countries,
    Jobs,
    Keys,
    News,
    Rules,
    Tiles,
}

impl Care {
    /// Begins to; on the server, nothing.
    fn begin(self) {
        #[cfg(feature = "hydrate")]
        match self {
            Self::Captcha => browser::captcha::solve(),
            Self::Countries => browser::countries::listen(),
            Self::Jobs => browser::poll::listen(),
            Self::Keys => {
                browser::keys::listen();
                browser::charts::listen();
            }
            Self::News => browser::live::listen(),
            Self::Rules => browser::rules::listen(),
            Self::Tiles => browser::tiles::listen(),
        }
    }
}

/// Solves the challenge that the page shows and writes the token into its field.
#[island]
pub fn SolveCaptcha() -> impl IntoView {
    Care::Captcha.begin();
}

/// Finds regions as one types, and says what changes as one ticks.
#[island]
pub fn LiveCountries() -> impl IntoView {
    Care::Countries.begin();
}

/// Renews what carries `data-poll`, once a second, as long as the server says that it may change.
#[island]
pub fn LiveIntake() -> impl IntoView {
    Care::Jobs.begin();
}

/// Listens for `/`, `g` and a letter, `?` and Escape, closes open menus at clicks beside them, and
/// wakes copy buttons and charts. The list of keys is the dialog `#keys` of the layout.
#[island]
pub fn Keys() -> impl IntoView {
    Care::Keys.begin();
}

/// Renews the page's parts (its named sections, `data-tile`, `data-live-part`) when the server
/// says that something is new.
#[island]
pub fn LiveNews() -> impl IntoView {
    Care::News.begin();
}

/// Judges rules as they are typed, by the code that the server judges them with, and fetches
/// figures.
#[island]
pub fn LiveRules() -> impl IntoView {
    Care::Rules.begin();
    Care::Jobs.begin();
}

/// Lets a tile change in place: its links, its filter as one types, its pages. One listener for
/// the whole page.
#[island]
pub fn LiveTiles() -> impl IntoView {
    Care::Tiles.begin();
}
