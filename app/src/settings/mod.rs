//! Set-up: where events come from, how the sources are, and bringing logs in.

#[cfg(feature = "ssr")]
mod imports;
mod live;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod silent;
#[cfg(feature = "ssr")]
mod sources;

#[cfg(feature = "ssr")]
pub use imports::jobs_fragment;
pub use live::LiveJobs;
#[cfg(feature = "ssr")]
pub use page::SettingsPage;
#[cfg(feature = "ssr")]
pub use silent::SilentSources;
