//! Rules as forms have them: one by one, read from fields, and judged as they are typed.

pub mod item;
pub mod read;
pub mod typed;

/// The field that a script fills in, so that the server knows that figures may follow.
pub const SCRIPT: &str = "script";
