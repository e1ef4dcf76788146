//! What the islands do in the browser, with `web-sys` alone. On the server each call does
//! nothing, so that an island's body reads the same in both builds.

#[cfg(feature = "hydrate")]
mod captcha;
#[cfg(feature = "hydrate")]
mod charts;
#[cfg(feature = "hydrate")]
mod countries;
#[cfg(feature = "hydrate")]
mod dom;
#[cfg(feature = "hydrate")]
mod keys;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "hydrate")]
mod poll;
#[cfg(feature = "hydrate")]
mod rules;
#[cfg(feature = "hydrate")]
mod tiles;

/// Listens for keys, copy buttons, clicks beside open menus, and hands on charts.
pub fn listen_for_keys() {
    #[cfg(feature = "hydrate")]
    keys::listen();
    #[cfg(feature = "hydrate")]
    charts::listen();
}

/// Takes over the tiles' links and forms, so that a tile changes without the page.
pub fn listen_for_tiles() {
    #[cfg(feature = "hydrate")]
    tiles::listen();
}

/// Renews parts of the page that say so of themselves.
pub fn listen_for_jobs() {
    #[cfg(feature = "hydrate")]
    poll::listen();
}

/// Keeps the page current.
pub fn listen_for_news() {
    #[cfg(feature = "hydrate")]
    live::listen();
}

/// Finds regions as one types, and says what changes as one ticks.
pub fn listen_for_countries() {
    #[cfg(feature = "hydrate")]
    countries::listen();
}

/// Judges rules as they are typed.
pub fn listen_for_rules() {
    #[cfg(feature = "hydrate")]
    rules::listen();
}

/// Solves the captcha's challenge of the page, if there is one and no token yet.
pub fn solve_captcha() {
    #[cfg(feature = "hydrate")]
    captcha::solve();
}
