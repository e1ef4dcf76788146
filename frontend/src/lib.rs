//! The console's WebAssembly module: hydrates the islands, nothing else.

// Brings the islands' functions into this build; they are called by name from the page.
pub use islands;

/// The page's script calls this once, before any island.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
