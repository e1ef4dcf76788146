//! Set-up: sources and imports, accounts, API keys, names of flows and apps, privacy.

mod accounts;
mod accounts_api;
mod accounts_open;
mod data;
mod imports;
mod keys;
mod keys_api;
mod links;
mod names;
mod names_api;
mod page;
mod privacy;
mod privacy_api;
mod silent;
mod sources;
mod unread;

pub(crate) use page::SettingsPage;
pub use page::intake_fragment;
pub(crate) use silent::SilentSources;
