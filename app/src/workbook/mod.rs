//! The workbook: failures by reason, number, address, browser and operating system.

#[cfg(feature = "ssr")]
mod absent;
#[cfg(feature = "ssr")]
mod chart;
#[cfg(feature = "ssr")]
mod chips;
#[cfg(feature = "ssr")]
mod controls;
#[cfg(feature = "ssr")]
mod conversion;
#[cfg(feature = "ssr")]
mod details;
#[cfg(feature = "ssr")]
mod fragment;
pub mod island;
#[cfg(feature = "ssr")]
mod load;
#[cfg(feature = "ssr")]
mod overview;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod rows;
#[cfg(feature = "ssr")]
mod standouts;
#[cfg(feature = "ssr")]
mod tiles;
#[cfg(feature = "ssr")]
mod timeline;
#[cfg(feature = "ssr")]
mod total;
#[cfg(feature = "ssr")]
mod view;

#[cfg(feature = "ssr")]
pub(crate) use controls::channel_name;
#[cfg(feature = "ssr")]
pub use fragment::{FailedFragment, fragment};
pub use island::LiveTiles;
#[cfg(feature = "ssr")]
pub use page::WorkbookPage;
#[cfg(feature = "ssr")]
pub use view::{Asked, Panel, TileView, View};
