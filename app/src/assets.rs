//! URLs of the built client.

/// URLs of the site's files (`/pkg/<hash>/…`), from the build's manifest. The router provides them
/// to every page as context.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    /// Stylesheet of all pages.
    pub css: String,
    /// JavaScript glue that loads `wasm`; empty in a build without a client.
    pub js: String,
    /// WebAssembly of the islands.
    pub wasm: String,
    /// Font file. The stylesheet refers to it too; the page preloads it.
    pub font: String,
}
