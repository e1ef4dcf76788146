//! Google's metadata: which numbers there are, of which type and where.

use super::{Lengths, NumberError, NumberFacts, NumberType};

mod beginning;
mod data;
mod javascript;
mod lookup;
mod moves;
mod plans;
mod reach;
#[cfg(test)]
mod tests;

pub use beginning::Beginning;
pub use data::{NUMBER_DATA_MAX, NumberData, NumberDataError};
pub(crate) use lookup::{canonical, check_lengths, region_of};
pub use moves::{Example, Moved, Moves};
pub use plans::{BUILT_IN, Plans};
pub use reach::Mobiles;
