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
pub use attempt_page::AttemptPage;
pub(crate) use links::go;
pub use links::{attempt_path, of_ip, of_number, of_user};
pub use page::SignInsPage;
pub use rows::Outcome;
