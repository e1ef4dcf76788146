//! Google's metadata: which numbers exist, with type and region.

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

pub(crate) use beginning::PrefixMatch;
pub use data::{NUMBER_DATA_MAX, NumberData, NumberDataError};
pub(crate) use lookup::{canonical, check_lengths, region_of};
pub use moves::{ChangedNumbers, Example, MetadataChanges};
pub use plans::Plans;
pub(crate) use reach::MobileRegion;
