//! Pages that stay current while they are looked at.

mod status;

pub use status::{Begun, Live, ends};
