//! The browser's half of the console: wakes the islands, nothing else.

// Brings the islands' functions into this build; they are called by name from the page.
pub use islands;

/// Called once by the page's script before any island is.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
