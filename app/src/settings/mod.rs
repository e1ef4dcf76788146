//! Set-up: where events come from, how the sources are, and bringing logs in.

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

pub use page::{SettingsPage, intake_fragment};
pub use silent::SilentSources;
