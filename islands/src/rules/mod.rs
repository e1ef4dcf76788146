//! Rules in forms: one at a time, read from fields, and checked while they are typed.

pub mod item;
pub mod read;
pub mod typed;

/// The form field that a script fills in: the server then knows that the page can fetch figures
/// later.
pub const SCRIPT: &str = "script";
