//! Set-up: where events come from, how the sources are, and bringing logs in.

#[cfg(feature = "ssr")]
mod accounts;
#[cfg(feature = "ssr")]
mod accounts_api;
#[cfg(feature = "ssr")]
mod accounts_open;
#[cfg(feature = "ssr")]
mod data;
#[cfg(feature = "ssr")]
mod imports;
#[cfg(feature = "ssr")]
mod keys;
#[cfg(feature = "ssr")]
mod keys_api;
mod live;
#[cfg(feature = "ssr")]
mod names;
#[cfg(feature = "ssr")]
mod names_api;
#[cfg(feature = "ssr")]
mod once;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod privacy;
#[cfg(feature = "ssr")]
mod privacy_api;
#[cfg(feature = "ssr")]
mod silent;
#[cfg(feature = "ssr")]
mod sources;

pub use live::LiveIntake;
#[cfg(feature = "ssr")]
pub use page::{SettingsPage, intake_fragment};
#[cfg(feature = "ssr")]
pub use silent::SilentSources;
