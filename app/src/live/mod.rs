//! Pages that update while they are open.

mod status;

pub use status::Begun;
pub(crate) use status::{Live, ends};
