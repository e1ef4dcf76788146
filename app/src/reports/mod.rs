//! The page `/reports`: every report, a form that downloads it, and what was exported lately.

mod form;
mod page;
mod recent;
mod view;

pub use page::ReportsPage;
pub use view::told;
