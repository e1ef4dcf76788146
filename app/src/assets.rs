//! Where the browser's half is served.

/// The site's files as the browser asks for them (`/pkg/<hash>/…`). The router gives it to every
/// page as context, from the build's manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    /// The stylesheet.
    pub css: String,
    /// The script that loads the client.
    pub js: String,
    /// The client.
    pub wasm: String,
    /// The typeface, named by the stylesheet too; here so that the page can ask for it early.
    pub font: String,
}
