//! The console: pages, forms, tables and charts as server HTML, and the few islands that hydrate
//! in the browser. The same source is built twice: with `ssr` into the server, with `hydrate`
//! into WebAssembly, where only what the islands need is left.

// A page is one nested type; the compiler's own limit is made for shallower ones.
#![recursion_limit = "256"]

pub mod browser;
pub mod captcha;
pub mod charts;
pub mod countries;
pub mod live;
pub mod rules;
pub mod settings;
pub mod ui;
pub mod workbook;

#[cfg(feature = "ssr")]
pub mod accounts;
#[cfg(feature = "ssr")]
pub mod api_docs;
#[cfg(feature = "ssr")]
mod assets;
#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod fraud_alerts;
#[cfg(feature = "ssr")]
pub mod layout;
#[cfg(feature = "ssr")]
pub mod names;
#[cfg(feature = "ssr")]
pub mod notifications;
#[cfg(feature = "ssr")]
pub mod profiles;
#[cfg(feature = "ssr")]
pub mod reports;
#[cfg(feature = "ssr")]
pub mod routes;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod sign_ins;
#[cfg(feature = "ssr")]
pub mod theme;
#[cfg(feature = "ssr")]
pub mod who;
#[cfg(feature = "ssr")]
pub mod zone;

#[cfg(feature = "ssr")]
pub use assets::Assets;
#[cfg(feature = "ssr")]
pub use profiles as pages;
#[cfg(feature = "ssr")]
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
