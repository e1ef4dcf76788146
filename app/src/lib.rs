//! The console: pages, forms, tables and charts as server-rendered HTML. Code for the browser is in
//! `islands`.

// A page is one deeply nested type, beyond the compiler's default limit.
#![recursion_limit = "256"]

pub mod accounts;
mod answer;
pub mod api_docs;
mod assets;
pub mod audit;
mod captcha;
mod charts;
pub mod countries;
mod error;
pub mod form;
mod fraud_alerts;
mod layout;
pub mod live;
mod names;
mod notifications;
mod page;
mod profiles;
#[cfg(test)]
mod read_back;
pub mod reports;
mod request;
mod routes;
pub mod rules;
mod saving;
mod search;
pub mod settings;
mod shell;
mod sign_ins;
mod theme;
mod ui;
pub mod who;
mod words;
pub mod workbook;
pub mod zone;

pub use assets::Assets;
pub use routes::App;
pub use shell::shell;
