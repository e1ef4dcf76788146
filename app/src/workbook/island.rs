//! The workbook's hand.

use crate::browser;
use leptos::prelude::*;

/// Lets a tile change in place: its links, its filter as one types, its pages. One listener for
/// the whole page; see [`crate::browser`].
#[island]
pub fn LiveTiles() -> impl IntoView {
    browser::listen_for_tiles();
}
