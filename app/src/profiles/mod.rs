//! The pages of one number, one address and one user: what became of their attempts, what they
//! were seen with, what failed near them, and what was done about them.

mod done;
mod figures;
mod gate;
mod head;
pub mod links;
mod near;
mod over_time;
mod page;
mod seen;
mod story;
mod view;

pub use page::{IpPage, NumberPage, UserPage};
pub(crate) use view::again;
