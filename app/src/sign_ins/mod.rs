//! The sign-in log: attempts, filtered and paged, and one attempt with the events it is made of.

mod api;
mod attempt_page;
mod decision;
mod facts;
mod filters;
mod links;
mod page;
mod rows;
mod timeline;

pub use api::RevealNumber;
pub use attempt_page::{AttemptPage, Reveal};
pub(crate) use decision::reasons as decision_reasons;
pub(crate) use links::log;
pub use links::{attempt_path, of_ip, of_number, of_user};
pub use page::SignInsPage;
pub use rows::{Clock, Outcome};
pub(crate) use timeline::item as event_item;
