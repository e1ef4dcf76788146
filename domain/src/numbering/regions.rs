//! The regions that have calling codes: English names, continents and calling codes.

use crate::Region;

mod about;
mod table;
#[cfg(test)]
mod tests;

pub use about::{Continent, RegionInfo};

use table::REGIONS;

/// All regions by name, including [`Region::WORLD`].
pub fn all() -> &'static [RegionInfo] {
    REGIONS
}

/// `None` if the region has no calling code.
pub fn info(region: Region) -> Option<&'static RegionInfo> {
    REGIONS.iter().find(|info| info.region == region)
}

/// A region's name; its code if it has no calling code.
pub fn name(region: &Region) -> &str {
    info(*region).map_or(region.as_str(), |info| info.name)
}
