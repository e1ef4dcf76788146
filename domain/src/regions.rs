//! The regions that have calling codes: their English names, continents and calling codes, as
//! people know them.

use crate::Region;

mod about;
mod table;
#[cfg(test)]
mod tests;

pub use about::{Continent, RegionInfo};

use table::REGIONS;

/// All regions, by name; [`Region::WORLD`] among them.
pub fn all() -> &'static [RegionInfo] {
    REGIONS
}

/// What is known of a region; `None` when it has no calling code.
pub fn info(region: Region) -> Option<&'static RegionInfo> {
    REGIONS.iter().find(|info| info.region == region)
}

/// A region's name, or its code when it has no calling code.
pub fn name(region: &Region) -> &str {
    info(*region).map_or(region.as_str(), |info| info.name)
}
