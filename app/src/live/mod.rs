//! Pages that stay current while they are looked at.

pub mod island;
#[cfg(feature = "ssr")]
mod status;

#[cfg(feature = "ssr")]
pub use status::{Begun, Live, ends};
