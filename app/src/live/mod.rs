//! Pages that update while they are open.

mod status;

pub use status::NewsAtStart;
pub(crate) use status::{Live, ends};
