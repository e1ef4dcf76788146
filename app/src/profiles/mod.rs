//! The pages of one number, one IP address and one user: their attempts with outcomes, what they
//! were seen with, failures of neighbours, and blocks and bypasses.

mod done;
mod figures;
mod gate;
mod head;
pub(crate) mod links;
mod near;
mod over_time;
mod page;
mod seen;
mod story;
mod view;

pub(crate) use page::{IpPage, NumberPage, UserPage};
pub(crate) use view::again;
