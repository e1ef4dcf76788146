//! The workbook: failures by reason, number, address, browser and operating system.

mod absent;
mod chart;
mod chips;
mod controls;
mod conversion;
mod details;
mod fragment;
mod overview;
mod page;
mod rows;
#[cfg(test)]
mod samples;
mod standouts;
mod task;
mod tiles;
mod timeline;
mod total;
mod view;

pub use fragment::{FailedFragment, fragment};
pub(crate) use page::WorkbookPage;
pub use view::Panel;
