//! The page `/reports`: all reports, a form to download one, and the recent exports.

mod form;
mod page;
mod recent;
mod view;

pub(crate) use page::ReportsPage;
pub use view::refused_url;
