//! The Countries page's code that server and browser share.

mod bar;
mod find;
mod words;

pub use bar::{UnsavedChanges, lines};
pub use find::fold;
pub use words::effect;
