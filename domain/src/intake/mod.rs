//! Events: what sources send, and the attempts that they make up.

pub mod attempts;
pub mod events;
pub mod handles;
pub mod reason;
pub mod simulate;
pub mod sources;
