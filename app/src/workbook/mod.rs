//! The workbook: failures by reason, number, address, browser and operating system.

mod absent;
mod chart;
mod chips;
mod controls;
mod conversion;
mod details;
mod fragment;
mod load;
mod overview;
pub mod page;
mod rows;
mod standouts;
mod tiles;
mod timeline;
mod total;
mod view;

pub use fragment::{FailedFragment, fragment};
pub use page::WorkbookPage;
pub use view::{Asked, Panel, TileView, View};
