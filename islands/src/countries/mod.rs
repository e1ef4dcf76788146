//! What the page of countries says the same on the server and as one ticks.

mod bar;
mod find;
mod words;

pub use bar::{Change, lines};
pub use find::fold;
pub use words::effect;
