//! The console: pages, forms, tables and charts as server HTML. What runs in the browser is in
//! `islands`.

// A page is one nested type; the compiler's own limit is made for shallower ones.
#![recursion_limit = "256"]

pub mod captcha;
pub mod charts;
pub mod countries;
pub mod live;
pub mod rules;
pub mod settings;
pub mod ui;
pub mod workbook;

pub mod accounts;
mod answer;
pub mod api_docs;
mod assets;
pub mod audit;
pub mod error;
pub mod form;
pub mod fraud_alerts;
pub mod layout;
pub mod names;
pub mod notifications;
mod page;
pub mod profiles;
#[cfg(test)]
mod read_back;
pub mod reports;
pub mod routes;
mod saving;
pub mod search;
pub mod shell;
pub mod sign_ins;
pub mod theme;
pub mod who;
mod words;
pub mod zone;

pub use assets::Assets;
pub use profiles as pages;
pub use routes::App;
pub use shell::shell;
